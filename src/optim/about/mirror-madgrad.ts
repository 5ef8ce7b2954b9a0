import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\nu_t = \sqrt{\tfrac{t-1}{t}}\; \nu_{t-1} + g_t^2, \qquad z_t = z_{t-1} - \eta\, \frac{t^{1/3} g_t}{\sqrt[3]{\nu_t}}`,
    String.raw`w_{t+1} = \mu\, w_t + (1 - \mu)\, z_t`,
  ],
  use: 'As madgrad, where training is long and an anchor at the start would hold it back (transformers, the authors say). Not described in the paper.',
  relatives: { madgrad: 'dual averaging: every iterate is taken from the start anew' },
  disagreements: [
    {
      kind: 'fork',
      who: "Defazio & Jelassi 2021, against the authors' own MADGRAD",
      what: 'MADGRAD has eps 1e-6 and shrinks w after the step where decay is decoupled; their mirror descent has eps 0 and shrinks z before it',
      ours: "each as in the authors' code",
      option: 'eps: 1e-6',
    },
  ],
};
