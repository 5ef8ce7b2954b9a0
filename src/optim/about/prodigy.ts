import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\delta_t = d_t \gamma_t, \qquad r_t = b\, r_{t-1} + \tfrac{d_t}{d_1} \delta_t \langle g_t, w_1 - w_t \rangle, \qquad s_t = b\, s_{t-1} + \tfrac{d_t}{d_1} \delta_t g_t, \qquad b = \sqrt{\beta_2}`,
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, d_t g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, d_t^2 g_t^2`,
    String.raw`d_{t+1} = \max\Bigl(d_t, c\, \frac{r_t}{\lVert s_t \rVert_1}\Bigr), \qquad w_{t+1} = w_t - \delta_t\, \frac{m_t}{\sqrt{v_t} + d_{t+1} \varepsilon}`,
  ],
  use: 'The first choice among methods without a learning rate: near a tuned Adam when a cosine or linear schedule is around it (lr stays 1). It still needs that schedule. With a warmup switch safeguardWarmup and biasCorrection on; tune dCoef and not lr.',
  relatives: {
    'd-adaptation-adam': 'its predecessor: sums without growing weights, d inside the moments',
    adam: 'd found by hand',
    dog: 'SGD with the distance travelled as the estimate',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Mishchenko & Defazio 2023, the Adam version',
      what: 'no factors d / d_1, which cancel in the estimate, and the old d beside eps',
      ours: "the authors' code: the factors keep the sums from underflow, and eps meets the new d",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.prodigy',
      what: "always corrects the bias of Adam's moments; the authors' code does so on request; no growth limit",
      ours: 'no correction by default',
      option: 'biasCorrection: true',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, Prodigy with weight_decouple=False',
      what: 'adds the decay to the gradient when the moments have already taken it: it does nothing',
      ours: 'the decay enters the gradient before the moments, as in the code of the authors',
      option: 'weightDecay: 0',
    },
    {
      kind: 'fork',
      who: 'konstmish/prodigy, slice_p',
      what: 'takes every k-th element of each tensor',
      ours: 'every k-th of all parameters in a row',
    },
  ],
};
