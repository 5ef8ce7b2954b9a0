import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2, \qquad n_t = \beta_1 m_t + (1 - \beta_1)\, g_t`,
    String.raw`w_{t+1} = w_t - \eta \left( \frac{n_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon} + \lambda w_t \right)`,
  ],
  use: 'The strongest tuned baseline of the AlgoPerf benchmark: take it where you would take adamw and can afford to tune beta1.',
  relatives: {
    adamw: 'no look-ahead',
    nadam: 'a momentum that warms up, and other corrections',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.nadamw',
      what: 'corrects the look-ahead beta1 m with 1 - beta1^(t+1) and the gradient with 1 - beta1^t',
      ours: 'both with 1 - beta1^t, as in the code of AlgoPerf; nadam has the other form',
      option: "nadam with variant: 'optax', decay: 'decoupled'",
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.NAdam with decoupled_weight_decay',
      what: 'a momentum schedule after Dozat, which begins at beta1 / 2',
      ours: 'none, as in AlgoPerf',
      option: "nadam with decay: 'decoupled'",
    },
  ],
};
