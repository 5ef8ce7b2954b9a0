import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`z_{t+1} = z_t - \gamma_t \nabla f(y_t), \qquad x_{t+1} = (1 - c_{t+1})\, x_t + c_{t+1} z_{t+1}, \qquad y_{t+1} = \beta x_{t+1} + (1 - \beta)\, z_{t+1}`,
    String.raw`c_{t+1} = \frac{\omega_t}{\sum_{s \le t} \omega_s}, \qquad \omega_t = t^{\,r} \max_{s \le t} \gamma_s^{\,p}`,
  ],
  use: 'Runs whose length is not known beforehand: x is as good at every moment as a run whose schedule ended there. Take a larger lr than for SGD. y is trained, x evaluated and kept; batch statistics belong to x and have to be taken anew.',
  relatives: {
    sgd: 'with a schedule and momentum in the place of the average',
    'schedule-free-adamw': 'the same around the second moment of Adam',
    ema: 'averages the weights too, but takes the gradient at the newest ones',
    lookahead: 'pulls the newest weights back to a slow average every few steps',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Defazio et al. 2024, eq. 5, and facebookresearch/schedule_free 1.4.1',
      what: 'c is 1 / t in the paper (squares of the step size in its experiments); the code has t^r max(gamma)^p with the running maximum',
      ours: 'the code; without warmup both are 1 / t',
      option: 'r: 0, p: 0',
    },
    {
      kind: 'fault',
      who: 'optax 0.2.8, optax.contrib.schedule_free_sgd and schedule_free_adamw with warmup_steps',
      what: 'the average reads the schedule one step later than the optimizer inside, whose first step has rate 0 but is weighted by the second rate',
      ours: 'one step size for both, t / W at step t',
    },
  ],
};
