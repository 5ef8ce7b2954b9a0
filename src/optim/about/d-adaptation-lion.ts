import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\delta_t = d_t \gamma_t, \qquad u_t = \mathrm{sign}\bigl(\beta_1 m_{t-1} + (1 - \beta_1)\, g_t\bigr), \qquad m_t = \beta_2 m_{t-1} + (1 - \beta_2)\, \delta_t g_t`,
    String.raw`r_t = b\, r_{t-1} + (1 - b)\, \delta_t \langle u_t, s_{t-1} \rangle, \qquad s_t = b\, s_{t-1} + (1 - b)\, \delta_t u_t, \qquad b = \sqrt{\beta_2}`,
    String.raw`d_{t+1} = \max\Bigl(d_t, \frac{r_t}{(1 - b) \lVert s_t \rVert_1}\Bigr), \qquad w_{t+1} = w_t - \delta_t u_t`,
  ],
  use: 'An experiment of the authors of D-Adaptation; Prodigy is the better tested choice without a learning rate.',
  relatives: {
    lion: 'has lr in the place of d, and a momentum of bare gradients',
    'd-adaptation-adam': 'the same estimate for Adam',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'facebookresearch/dadaptation, DAdaptLion',
      what: 'computes the new weighted numerator r and stores the old one: it stays 0, and the estimate sees one step only',
      ours: 'r is kept, as in DAdaptAdam of the same authors and in pytorch_optimizer 4.1.0',
    },
    {
      kind: 'fork',
      who: 'facebookresearch/dadaptation and pytorch_optimizer 4.1.0, DAdaptLion',
      what: 'the momentum averages delta g and is blended with a bare g, so that it counts for little while d is small',
      ours: 'as they do',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, DAdaptLion',
      what: 'beta2 is 0.999, and the decay is L2 unless weight_decouple is set; the authors have 0.99 and a decoupled decay',
      ours: "the authors'",
      option: 'beta2: 0.999',
    },
  ],
};
