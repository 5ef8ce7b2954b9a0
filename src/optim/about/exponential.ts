import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \eta\, \alpha^{p}, \qquad \alpha = \rho^{1 / n}, \qquad \rho = \frac{\beta}{T} \text{ in the theory}, \qquad p = t - 1 \text{ of } n`,
  ],
  use: 'Where gradients may be noisy or not and nothing shall be retuned: with finalRatio = 1 / T it converges nearly as fast as a constant rate without noise and as 1 / t with it. Its last rates are small; linear and cosine usually end better at a fixed length.',
  relatives: {
    cosine: 'the same guarantees without a second parameter',
    'inverse-time': 'falls faster at first, and slower than any exponential later',
    stagewise: 'an exponential in steps',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Li, Zhuang & Orabona 2021, arXiv:2002.05273, and their code',
      what: 'count steps from 1: the first step has eta alpha, the last eta beta / T',
      ours: 'counts from 0, as PyTorch ExponentialLR and Optax exponential_decay',
      option: "indexing: 'one'",
    },
  ],
};
