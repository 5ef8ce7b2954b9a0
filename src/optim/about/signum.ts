import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \mu m_{t-1} + (1 - \mu)\, g_t`,
    String.raw`w_{t+1} = w_t - \eta\, \operatorname{sign}(m_t)`,
  ],
  use: 'SignSGD for small batches: the average makes the signs reliable. Half the state of Adam. lr needs a schedule, as steps never shrink by themselves.',
  relatives: {
    signsgd: 'keeps no average; momentum 0 makes this one so',
    lion: 'steps along the sign of an average that is nearer to the gradient than the one it keeps',
    'steepest-descent': 'with momentum, size unit and the largest entry for all tensors it is this',
    'gen-signsgd': 'divides the momentum by the root of an average of its square; its beta2 = 0 gives this rule',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'pytorch_optimizer 3.6.0 to 3.9.0, SignSGD; right in 4.1.0',
      what: 'sets the momentum to zero before each step, which makes it SignSGD, and accepts weight decay without applying it',
      ours: '4.1.0 keeps the momentum and decays; the fixtures follow it and Optax',
      untested: 'it is about earlier versions; 4.1.0 is tested',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, signum; pytorch_optimizer 4.1.0, SignSGD',
      what: 'the paper and Optax have no weight decay; pytorch_optimizer has a decoupled one',
      ours: 'decoupled, off by default',
      option: 'weightDecay: 0.01',
    },
  ],
};
