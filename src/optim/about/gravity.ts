import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\zeta_t = \frac{g_t}{1 + (g_t \max|g_t|)^2} \quad (\max \text{ over each tensor})`,
    String.raw`\hat\beta_t = \frac{\beta t + 1}{t + 2}, \qquad V_t = \hat\beta_t V_{t-1} + (1 - \hat\beta_t)\, \zeta_t, \qquad V_0 \sim \mathcal N\!\left(0, (\alpha / \eta)^2\right)`,
    String.raw`w_{t+1} = w_t - \eta\, V_t`,
  ],
  use: 'A momentum method that large gradients cannot throw off; where gradients are small it is momentum. It does not adapt to the scale of each tensor as Adam does: gradients far above 1 hardly move the weights at all.',
  relatives: {
    sgd: 'momentum without damping: what this becomes as gradients shrink',
    'sgd-clip': 'bounds the gradient too, by its norm and without turning it',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'dariush-bahrami/gravity.optimizer, Keras against PyTorch',
      what: 'the Keras code counts t from 0 (the first decay is 1/2), the PyTorch code from 1 (it is (beta + 1) / 3)',
      ours: 'from 1, as in the algorithm box',
      option: "counting: 'from-0'",
    },
    {
      kind: 'fork',
      who: 'an older note in dariush-bahrami/gravity.optimizer',
      what: 'recommends alpha 0.05; the code has 0.01',
      ours: '0.01',
      option: 'alpha: 0.05',
    },
  ],
};
