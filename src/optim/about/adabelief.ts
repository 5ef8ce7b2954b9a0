import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad s_t = \beta_2 s_{t-1} + (1 - \beta_2)\, (g_t - m_t)^2 + \varepsilon`,
    String.raw`\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat s_t = \frac{s_t}{1 - \beta_2^t}`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{\hat m_t}{\sqrt{\hat s_t} + \varepsilon}`,
  ],
  use: 'Like Adam, with longer steps where successive gradients agree: valleys that are flat along their floor. eps matters here more than in Adam: take the square of what you would give Adam, and a larger one where gradients hardly vary.',
  relatives: {
    adam: 'averages the square of the gradient itself, not of its deviation',
    adamomentum: 'averages the square of the momentum',
    radam: 'the rectification that `rectify` switches on',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'adabelief-pytorch 0.2 (the package of the authors)',
      what: 'rectifies by default, as RAdam does, with eps beside the uncorrected root; Algorithm 2 of the paper does not rectify',
      ours: "the paper's algorithm",
      option: 'rectify: true',
    },
    {
      kind: 'fork',
      who: 'adabelief-pytorch 0.2, fixed_decay and weight_decouple',
      what: 'decay stands in three places: in the gradient, on w times lr (the default), on w alone',
      ours: 'on w times lr',
      option: "decay: 'l2' or decay: 'fixed'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.adabelief',
      what: 'has two constants: eps_root is added to s at every step, eps to its root; both are 1e-16 by default',
      ours: 'one eps for both, as in the paper and the package of the authors; equal where the two of Optax are equal',
    },
  ],
};
