import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`w_{t+1} = \frac{1}{1 + \lambda \eta_t} \left( w_t - \alpha \eta_t\, \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon} \right)`,
  ],
  use: 'To see what AdamW approximates: the exact minimiser of the regulariser after an Adam step. In practice the two end within noise of each other; take it where the decay is so strong that 1 - decay would overshoot.',
  relatives: {
    adamw: 'multiplies by 1 - rate before the step, the first-order expansion of 1 / (1 + rate) after it',
    adam: 'has the regulariser in its gradient, which is then divided by the root too: not scale-free',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Zhuang et al. 2022 and their code',
      what: 'the decay is multiplied by the multiplier of the schedule, not by lr; libraries of AdamW multiply by both',
      ours: "as the authors; our adamw takes the libraries' by default, so that a decay of the one is lr times that of the other",
      option: "coupling: 'library'",
    },
  ],
};
