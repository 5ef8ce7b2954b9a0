import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2, \qquad g_t = \nabla f(y_t)`,
    String.raw`z_{t+1} = z_t - \gamma_t \Bigl( \frac{g_t}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon} + \lambda y_t \Bigr)`,
    String.raw`x_{t+1} = (1 - c_{t+1})\, x_t + c_{t+1} z_{t+1}, \qquad y_{t+1} = \beta_1 x_{t+1} + (1 - \beta_1)\, z_{t+1}`,
  ],
  use: 'AdamW where the length of the run is open, or one schedule less is welcome; it won the self-tuning track of AlgoPerf 2024. Warm up, take lr 1 to 10 times that of Adam, and beta1 0.95 to 0.98 for long runs. Evaluate at x.',
  relatives: {
    adamw: 'a first moment and a schedule in the place of the average',
    'schedule-free-sgd': 'the same around plain gradients',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Defazio et al. 2024, Algorithm 1, and facebookresearch/schedule_free before 1.3 (AdamWScheduleFreePaper)',
      what: 'the bias of v is corrected in the step size, which also enters the weights of the average, and eps meets the uncorrected root',
      ours: 'the later code, which corrects v itself',
      option: "variant: 'paper'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, ScheduleFreeAdamW',
      what: 'adds 1e-15 to v before its root',
      ours: 'does not',
    },
    {
      kind: 'fault',
      who: 'optax 0.2.8, optax.contrib.schedule_free_adamw with warmup_steps',
      what: 'the average reads the schedule one step later than the optimizer inside; see schedule-free-sgd',
      ours: 'one step size for both',
    },
  ],
};
