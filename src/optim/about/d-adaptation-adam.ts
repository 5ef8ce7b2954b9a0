import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\delta_t = d_t \gamma_t, \qquad n_t = \delta_t \Bigl\langle g_t, \frac{s_{t-1}}{\sqrt{v_{t-1}} + \varepsilon} \Bigr\rangle`,
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, \delta_t g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`s_t = b\, s_{t-1} + (1 - b)\, \delta_t g_t, \qquad r_t = b\, r_{t-1} + (1 - b)\, n_t, \qquad b = \sqrt{\beta_2}`,
    String.raw`d_{t+1} = \max\Bigl(d_t, \frac{r_t}{(1 - b) \lVert s_t \rVert_1}\Bigr), \qquad w_{t+1} = w_t - \frac{m_t}{\sqrt{v_t} + \varepsilon}`,
  ],
  use: 'Adam without a learning rate to tune; put a falling schedule around it, with lr 1. Prodigy is its successor and usually the better choice.',
  relatives: {
    adam: 'has lr in the place of d, and corrects the bias',
    prodigy: 'weights its sums by d, so that they forget the small beginnings; d stands outside the moments',
    'd-adaptation-sgd': 'the same for SGD, in the Euclidean norm',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.dadapt_adamw',
      what: "always corrects the bias of Adam's moments; the authors' code does not, in its default",
      ours: 'no correction by default',
      option: 'biasCorrection: true',
    },
    {
      kind: 'fork',
      who: 'facebookresearch/dadaptation and pytorch_optimizer 4.1.0, DAdaptAdam',
      what: 'weight decay is L2 in the gradient unless `decouple` is set',
      ours: 'decoupled, as one expects beside AdamW',
      option: "decay: 'l2'",
    },
  ],
};
