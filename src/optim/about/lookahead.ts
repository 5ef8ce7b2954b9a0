import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\phi \leftarrow \phi + \alpha\,(w_{t+1} - \phi), \qquad w_{t+1} \leftarrow \phi \qquad \text{after every } k\text{-th step of the base}`,
  ],
  use: "Around any optimizer that is fast but noisy: it lowers the variance of the weights and forgives a learning rate that is somewhat too large. It costs one copy of the weights and no gradients. Put schedules around it, not inside, when innerState is 'reset'.",
  relatives: {
    ema: 'an average of the weights too, but it never moves the weights that are trained',
    'schedule-free-sgd': 'averages with growing weights and evaluates the gradient between average and iterate',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Zhang et al. 2019 (paper); their lookahead_pytorch.py; TensorFlow Addons',
      what: 'alpha is 0.5 with k 5 in the paper, 0.8 with k 5 in the code, 0.5 with k 6 in TensorFlow Addons',
      ours: "the paper's",
      option: 'slowRate: 0.8',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.lookahead with reset_state',
      what: "resets the whole state of the base, its step counts included; Zhang et al.'s code resets the momentum buffer of SGD alone",
      ours: "innerState 'reset' is Optax's; for SGD the two are the same",
      option: "innerState: 'reset'",
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, Lookahead',
      what: "'reset' and 'pullback' write a state called momentum_buffer whatever the base is; around Adam they change nothing",
      ours: "every parameter-shaped part of the base's state is reset or pulled back; innerState 'keep' gives their trajectories around Adam",
      option: "innerState: 'keep'",
    },
  ],
};
