import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`b_t = \mu b_{t-1} + g_t, \qquad w_{t+1} = w_t - \eta \frac{b_t}{\lVert b_t \rVert + \varepsilon}`,
  ],
  use: 'Where gradients vary over orders of magnitude, as in recurrent networks: lr is the length of every step, so it needs a schedule to converge. Without momentum it suffers from the noise of small batches.',
  relatives: {
    signsgd: 'one size for every coordinate instead of one length for the whole',
    'sgd-clip': 'leaves short gradients short',
    muon: 'normalises each matrix in the spectral norm',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'zbh2047/clipping-algorithms, NormalizedSGD; Cutkosky & Mehta 2020',
      what: "average the buffer, b <- mu b + (1 - mu) g, and add 1e-6 to its norm; Crawshaw et al.'s code sums and adds 1e-10",
      ours: "Crawshaw et al.'s: the direction is the same, only what eps is compared with differs",
      option: 'averaged: true, eps: 1e-6',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, normalize_by_update_norm and contrib.normalize',
      what: '1e-6 is added to the norm, or nothing, in which case a gradient of 0 gives NaN',
      ours: '1e-10; a direction of length 0 moves nothing, with eps 0 too',
      option: 'eps: 1e-6',
    },
  ],
};
