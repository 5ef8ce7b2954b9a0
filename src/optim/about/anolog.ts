import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\beta_{1,t} = 1 - \frac{1}{\ln \max(2,\, t + s)}, \qquad m_t = \beta_{1,t}\, m_{t-1} + (1 - \beta_{1,t})\, g_t`,
    String.raw`v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, \operatorname{sign}(g_t^2 - v_{t-1})\, g_t^2, \qquad w_{t+1} = (1 - \eta \lambda)\, w_t - \eta\, \frac{|g_t|\, \operatorname{sign}(m_t)}{\sqrt{v_t + \varepsilon}}`,
  ],
  use: 'Ano without beta1 to tune. Its first steps are long, as the second moment is not corrected for its start at 0: begin with a small lr or a warmup.',
  relatives: { ano: 'a constant beta1, and a second moment that is corrected for its bias' },
  disagreements: [
    {
      kind: 'fork',
      who: 'Kegreisz 2025, another reading of the paper',
      what: 'beta1 = 1 - 1 / ln(t + 2), which is never negative',
      ours: "the author's code: 1 - 1 / ln(max(2, t)), -0.44 in the first two steps",
      option: 'logShift: 2',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Ano with logarithmic_schedule',
      what: 'corrects the bias of the second moment, and adds eps outside the root',
      ours: "no correction, eps inside, as in the author's code",
      option: "correctBias: true, epsilon: 'outside'",
    },
  ],
};
