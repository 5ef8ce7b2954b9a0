import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \frac{\eta}{1 + \alpha p}, \qquad \alpha = \frac{1 / \rho - 1}{n}, \qquad p = t - 1 \text{ of } n`,
  ],
  use: 'The classical rate for strongly convex problems with noise. For training networks it is a baseline: it loses to linear and cosine, and without noise it never becomes fast.',
  relatives: {
    'inverse-sqrt': 'falls more slowly; for convex problems that are not strongly so',
    exponential: 'adapts to the absence of noise',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Li, Zhuang & Orabona 2021, arXiv:2002.05273, and their code',
      what: 'tune alpha itself and count steps from 1',
      ours: 'the last factor, finalRatio = 1 / (1 + alpha n), which means the same for every length of run; from 0',
      option: "indexing: 'one', finalRatio: 1 / (1 + alpha * T)",
    },
  ],
};
