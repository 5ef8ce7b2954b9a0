import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \frac{\eta}{1 + \alpha \sqrt{p}}, \qquad \alpha = \frac{1 / \rho - 1}{\sqrt{n}}, \qquad p = t - 1 \text{ of } n`,
  ],
  use: 'The classical rate for convex problems with noise, and the one of the first Transformers, with warmup. A baseline today: linear and cosine end better at a fixed length.',
  relatives: {
    'inverse-time': 'falls faster',
    linear: 'reaches zero',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Li, Zhuang & Orabona 2021, arXiv:2002.05273, and their code',
      what: 'tune alpha itself and count steps from 1',
      ours: 'the last factor, finalRatio = 1 / (1 + alpha sqrt(n)); from 0',
      option: "indexing: 'one', finalRatio: 1 / (1 + alpha * Math.sqrt(T))",
    },
  ],
};
