import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad u_t = \max(\beta_2 u_{t-1},\, |g_t| + \varepsilon)`,
    String.raw`w_{t+1} = w_t - \frac{\eta}{1 - \beta_1^t}\, \frac{m_t}{u_t}`,
  ],
  use: 'Where rare huge gradients must not make huge steps: no coordinate moves by more than 1.01 lr. After such a gradient its coordinate stays slow for about 1 / (1 - beta2) steps.',
  relatives: {
    adam: 'divides by a root mean square, whose steps can be several lr long after silence',
    amsgrad: 'a maximum too, but of averages, and one that never decays',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Kingma & Ba 2015, Algorithm 2',
      what: 'has no eps: 0 / 0 for a coordinate without gradient yet',
      ours: 'eps is added to the size of the gradient inside the maximum, as in PyTorch and Optax; with eps 0 a coordinate without gradient stays',
      option: 'eps: 0',
    },
    {
      kind: 'fork',
      who: 'Keras 3, keras.optimizers.Adamax',
      what: 'eps (1e-7) is added to the maximum: lr m / (u + eps)',
      ours: 'inside the maximum',
      option: 'epsOutside: true',
    },
  ],
};
