import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`b_t = \mu b_{t-1} + g_t, \qquad w_{t+1} = w_t - \min\!\left(\eta, \frac{\gamma}{\lVert b_t \rVert}\right) b_t`,
    String.raw`w_{t+1} = w_t - \nu \min\!\left(\eta, \tfrac{\gamma}{\lVert m_t \rVert}\right) m_t - (1 - \nu) \min\!\left(\eta, \tfrac{\gamma}{\lVert g_t \rVert}\right) g_t \ \text{(mixed)}`,
  ],
  use: 'The plain remedy for exploding gradients, recurrent networks above all. gamma bounds the step; a threshold C on the gradient is gamma = lr C. For a base other than SGD take the wrapper clip.',
  relatives: {
    clip: 'clips the gradient before the momentum; here the finished direction is clipped',
    'sgd-normalized': 'the limit of a large lr',
    'induced-metric': 'a smooth bound',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'The codes of Crawshaw et al. 2022 (Generalized SignSGD) and of Liu et al. 2022 (CELGC)',
      what: 'the former clips by the norm of the momentum, decay included, the latter by that of the raw gradient',
      ours: 'the former by default',
      option: "clipBy: 'gradient'",
    },
    {
      kind: 'fault',
      who: 'zbh2047/clipping-algorithms, MixClip and MomClip',
      what: "the comment says min(lr, gamma / |g|), as the paper's Algorithm 1; the code computes lr / (1 + lr |g| / gamma)",
      ours: "'mixed' is the paper, 'mixed-soft' the code",
      option: "clipBy: 'mixed-soft'",
    },
    {
      kind: 'fork',
      who: 'zbh2047/clipping-algorithms, SGDClip',
      what: 'averages the momentum, b <- mu b + (1 - mu) g',
      ours: 'a sum; theirs is the same with lr / (1 - mu) in the place of lr',
    },
  ],
};
