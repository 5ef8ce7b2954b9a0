import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`w_{t+1} = (1 - \eta \lambda)\, w_t - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \operatorname{sign}(g_t)\, \frac{|m_t|}{\sqrt{v_t} + \varepsilon}`,
  ],
  use: 'In the place of Adam where its momentum overshoots: to first order each step lowers the loss of its batch at least as much as those of Adam and of the unscaled cautious Adam. With small batches the sign of the gradient is mostly noise; take adamw there.',
  relatives: {
    adam: 'keeps the sign of the momentum',
    ano: 'the mirror image: sign of the momentum, size of the gradient',
    cautious: 'leaves disagreeing coordinates where they are',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Cao, Li & Song 2024, Algorithm 1; pytorch_optimizer 4.1.0',
      what: 'add eps after the bias correction',
      ours: "before it, as the authors' code: a relative difference of 1e-5 in the first steps",
      option: "form: 'paper'",
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 3.3.3 to 3.9.0, Grams; right in 4.1.0',
      what: 'swapped beta1 and 1 - beta1 in the first moment, and divided v by sqrt(1 - beta2^t) instead of 1 - beta2^t under the root',
      ours: "as the paper and the authors' code; 4.1.0 agrees with form 'paper'",
      untested: 'it is about earlier versions; 4.1.0 is tested',
    },
  ],
};
