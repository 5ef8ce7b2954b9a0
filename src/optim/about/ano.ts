import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, \operatorname{sign}(g_t^2 - v_{t-1})\, g_t^2`,
    String.raw`w_{t+1} = (1 - \eta \lambda)\, w_t - \eta\, \frac{|g_t|\, \operatorname{sign}(m_t)}{\sqrt{v_t / (1 - \beta_2^t) + \varepsilon}}`,
  ],
  use: 'Meant for noisy gradients (reinforcement learning, small batches), where momentum knows the direction better than the size. We saw no clear advantage over Adam on small problems; race it before you rely on it.',
  relatives: {
    grams: 'the mirror image: sign of the gradient, size of the momentum',
    yogi: 'the same idea of a second moment; there the whole momentum is the numerator',
    anolog: 'its momentum grows longer by itself',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0',
      what: 'adds eps outside the root',
      ours: "inside it, as the author's code: with eps 1e-8 a floor of 1e-4 under the root instead of 1e-8",
      option: "epsilon: 'outside'",
    },
    {
      kind: 'fork',
      who: "Kegreisz 2025, the paper's theory (read in summaries only)",
      what: "moves v by Yogi's sign rule alone, without the factor beta2, and lets lr fall as (t + 2)^(-3/4)",
      ours: "v also decays in every step, as in the author's code; how lr falls is a schedule's business",
      option: "decay: 'yogi'",
    },
  ],
};
