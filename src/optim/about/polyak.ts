import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\bar w_n = (1 - c_n)\, \bar w_{n-1} + c_n\, w_t, \qquad c_n = \frac{\eta + 1}{n + \eta}, \qquad n = t - t_0`,
    String.raw`\eta = 0:\quad \bar w_n = \frac1n \sum_{i = t_0 + 1}^{t} w_i`,
  ],
  use: 'Around SGD with a constant rate on a noisy, nearly convex problem, where the mean of the iterates is far better than the last one. On networks start late (polyakStart 0.5 or more): early iterates are far away and a plain mean never forgets them. One copy of the weights, no gradients.',
  relatives: {
    ema: 'forgets exponentially instead of never; no start to choose',
    swa: 'takes weights every so many steps, under a rate of its own',
    asgd: 'is this around SGD, with decay of rate and weights',
    'nt-asgd': 'lets the validation loss choose the start',
    'schedule-free-sgd': 'takes its gradients near the mean',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Polyak & Juditsky 1992 and others',
      what: 'whether the weights that the average starts from, w_0, count as one of its terms',
      ours: 'they do not',
      option: 'includeStart: true',
    },
    {
      kind: 'fault',
      who: 'alexrame/diwa, class MovingAvg (the SMA of Arpit et al. 2022)',
      what: 'the count starts at one when the average already holds the first iterate, which is then folded in again: it counts twice',
      ours: 'each iterate counts once; polyakStart: 100 is SMA otherwise',
    },
  ],
};
