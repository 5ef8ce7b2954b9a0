import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\delta_t = d_t \gamma_t, \qquad e_t = g_t - g_{t-1}, \qquad m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, \delta_t g_t, \qquad n_t = \beta_2 n_{t-1} + (1 - \beta_2)\, \delta_t e_t`,
    String.raw`v_t = \beta_3 v_{t-1} + (1 - \beta_3) (g_t + \beta_2 e_t)^2, \qquad D_t = \sqrt{v_t} + \varepsilon, \qquad s_t = \beta_3 s_{t-1} + (1 - \beta_3)\, \delta_t g_t`,
    String.raw`q_t = \beta_3 q_{t-1} + (1 - \beta_3)\, \delta_t^2 \sum \frac{g_t^2}{D_t}, \qquad d_{t+1} = \max\Bigl(d_t, \frac{\sum s_t^2 / D_t / (1 - \beta_3) - q_t}{\lVert s_t \rVert_1}\Bigr)`,
    String.raw`w_{t+1} = \frac{1}{1 + \lambda \delta_t} \Bigl( w_t - \frac{m_t + \beta_2 n_t}{D_t} \Bigr)`,
  ],
  use: 'An experiment of the authors of D-Adaptation. Five floats of state for each parameter; Prodigy is the better tested choice without a learning rate.',
  relatives: {
    adan: 'has lr in the place of d, and corrects the bias',
    'd-adaptation-adam': 'estimates from inner products with the way so far',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, DAdaptAdan',
      what: 'squares g + beta2 e before it hands it to a second moment that squares it again: v is of the fourth power',
      ours: 'one square, as in Adan; with the first square undone its trajectory is ours',
    },
    {
      kind: 'fork',
      who: 'facebookresearch/dadaptation, DAdaptAdan',
      what: 'the decay is 0.02 by default and proximal; no_prox makes it decoupled',
      ours: 'no decay by default, proximal when there is one',
      option: "weightDecay: 0.02 or weightDecay: 0.02, form: 'decoupled'",
    },
  ],
};
