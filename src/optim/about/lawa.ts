import type { About } from './about.ts';

export const about: About = {
  equations: [String.raw`\bar w_t = \frac1k \sum_{j = 0}^{k - 1} w_{c\,(\lfloor t / c \rfloor - j)}`],
  use: 'To see early what a decayed rate would give, at any time of a run with a high rate: evaluate the mean of the latest checkpoints. It costs k copies of the weights; ema with a half-life of k c / 2 steps costs one and does nearly the same.',
  relatives: {
    ema: 'exponential weights, one copy of the weights',
    swa: 'a mean that grows from a start on, one copy of the weights',
    polyak: 'all iterates',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'JeanKaddour/LAWA, lawa.py',
      what: 'checkpoints are kept by detach().cpu(), which on a CPU is the live tensor itself: every checkpoint is then the current weights, and so is their mean',
      ours: 'each checkpoint is a copy',
    },
    {
      kind: 'fork',
      who: 'Kaddour 2022; JeanKaddour/LAWA',
      what: 'a checkpoint an epoch, k = 5 on ImageNet and 10 for RoBERTa in the runs; every 1000 steps and k = 10 in the class',
      ours: 'every 100 steps, k = 5, for runs of a few thousand steps',
      option: 'lawaEvery: 1000, lawaCheckpoints: 10',
    },
  ],
};
