import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`L_t = L_{t-1} + G_t G_t^\top, \qquad R_t = R_{t-1} + G_t^\top G_t`,
    String.raw`W_{t+1} = W_t - \eta\, (L_t + \varepsilon I)^{-1/4}\, G_t\, (R_t + \varepsilon I)^{-1/4}`,
  ],
  use: 'The plain form for study and small matrices. Its sums never forget, so steps only shrink, and lr has a scale of its own; for training networks take distributed-shampoo or soap.',
  relatives: {
    'distributed-shampoo':
      'there the statistics are averages, the step length is borrowed from another method, and roots may be stale',
    soap: 'there Adam runs in the eigenbasis of L and R instead of dividing by their roots',
    muon: 'with the statistics of the present gradient alone, Shampoo is its orthogonal factor, which Muon approximates',
    adagrad: 'the diagonal of the same idea, and what vectors take here',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'pytorch_optimizer up to 3.9.0, Shampoo, and code that follows the Kronecker-optimal view',
      what: 'each inverse root has the power -1/2, not -1/4',
      ours: 'the power -1/4 of the paper, as pytorch_optimizer 4.1.0 has it too',
      option: 'exponent: 0.5',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, Shampoo',
      what: 'with preconditioning_compute_steps = k the inverse roots are zero until step k, so that nothing moves in the first k - 1 steps',
      ours: 'the first roots are taken at the first step, then every k steps; with that changed the trajectories agree',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Shampoo',
      what: 'vectors get a full matrix, to the power -1/2',
      ours: "the paper's diagonal variant for all that is no hidden matrix or kernel: AdaGrad with eps inside the root",
    },
  ],
};
