import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = v_{t-1} - (1 - \beta_2)\, \operatorname{sign}(v_{t-1} - g_t^2)\, g_t^2`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon}`,
  ],
  use: "Where sparse or fading gradients make adam's effective step size grow and the loss jump. Its eps is large (1e-3) and worth tuning.",
  relatives: {
    adam: 'its second moment moves in proportion to the distance from the squared gradient and so forgets fast',
    amsgrad: 'never lets the second moment fall at all',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Zaheer et al. 2018, Algorithm 2',
      what: 'no bias correction, and v begins at the squared gradient of a large batch',
      ours: 'both moments are corrected and v begins at 1e-6, as in TensorFlow Addons, Optax and pytorch_optimizer, which most comparisons use',
      option: 'biasCorrection: false',
    },
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.yogi; pytorch_optimizer 4.1.0, Yogi; TensorFlow Addons',
      what: 'the first moment begins at 1e-6 too, which pushes every coordinate down at first, nine times as hard once it is corrected for a bias towards 0 that it does not have',
      ours: 'the first moment begins at 0',
      option: 'initM: 1e-6',
    },
  ],
};
