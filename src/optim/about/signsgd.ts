import type { About } from './about.ts';

export const about: About = {
  equations: [String.raw`w_{t+1} = w_t - \eta\, \operatorname{sign}(g_t), \qquad \operatorname{sign}(0) = 0`],
  use: 'Where one bit for each coordinate must do (communication), or as the plainest of the adaptive methods. The steps never shrink by themselves: lr needs a schedule, and small batches bias the signs.',
  relatives: {
    signum: 'the sign of the momentum',
    adam: 'beta1 = beta2 = 0 and eps = 0 make it this',
    lion: 'a sign of two averages, with decay',
    'steepest-descent': 'this is steepest descent of unit size under the largest entry',
    'gen-signsgd': 'there the momentum is divided by the root of an average of its square',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, sign_sgd; pytorch_optimizer 4.1.0, SignSGD',
      what: 'the paper and Optax have no weight decay; pytorch_optimizer has a decoupled one',
      ours: 'decoupled, off by default',
      option: 'weightDecay: 0.01',
    },
  ],
};
