import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`w = p - q, \qquad p_{t+1} = p_t \odot e^{-\eta g_t}, \qquad q_{t+1} = q_t \odot e^{\eta g_t}`,
    String.raw`p \odot q = \beta_0^2 \quad\Rightarrow\quad w_{t+1} = 2 \beta_0 \sinh\!\left(\mathrm{arcsinh}\frac{w_t}{2 \beta_0} - \eta g_t\right)`,
  ],
  use: 'Sparse solutions of underdetermined problems: weights that matter grow exponentially, the others stay near start. The smaller start, the sparser and the slower to begin.',
  relatives: {
    egd: 'one positive or negative factor for each weight, whose sign never changes',
    sgd: 'the limit of a large start, with the rate 2 start lr',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Kivinen & Warmuth 1997',
      what: 'p and q are kept, two floats for each weight, and may be normalised to a common sum',
      ours: 'the unnormalised form, where p q never changes: both follow from w and nothing is kept',
    },
  ],
};
