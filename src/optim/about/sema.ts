import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`e_t = \beta\, e_{t-1} + (1 - \beta)\, w_t; \qquad w_t \leftarrow e_t \quad \text{at the end of each epoch}`,
  ],
  use: 'Where an average of weights helps and training itself is noisy: after each switch training goes on from the average. The half-life of the average must be well below an epoch, or every switch throws most of an epoch away.',
  relatives: {
    ema: 'never touches the weights; this without a switch',
    lookahead: 'averages two points, the ends of k steps, instead of all between',
    aswa: 'switches to the plain mean of all iterates so far',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Li et al. 2024 (0.99 to 0.9999 by task); Westlake-AI/SEMA, switch_ema.py (0.9998, a switch each epoch or every 100 iterations)',
      what: 'the decay of the average',
      ours: '0.99 with a switch every 100 steps, which a short run bears',
      option: 'semaDecay: 0.9998',
    },
    {
      kind: 'fork',
      who: 'Westlake-AI/SEMA, switch_ema.py',
      what: 'warmups of the average: exponential or linear, off by default',
      ours: 'off; the exponential one is here',
      option: 'semaWarmup: 2000',
    },
  ],
};
