import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, m_t^2 + \varepsilon`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)}}`,
  ],
  use: 'For experiments with what the second moment should average. Its first steps are 1 / (1 - beta1) times those of Adam, so take a smaller lr or a warmup.',
  relatives: {
    adam: 'averages the square of the gradient: where gradients alternate in sign its steps shrink by (1 - beta1) / (1 + beta1), those of this method do not',
    adabelief: 'averages the square of what is left of the gradient when the momentum is taken away',
  },
  disagreements: [
    {
      kind: 'fork',
      who: "wyzjack/AdaM3, the authors' copies for GANs",
      what: 'also rectify the first steps, as RAdam does',
      ours: 'no rectification, as in their code for classification and in the paper',
      untested: 'the copies for GANs were read, not run',
    },
  ],
};
