import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad s_t = \beta_2 s_{t-1} + (1 - \beta_2)\, \frac{\lVert g_t \rVert_2^2}{d}`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{m_t / (1 - \beta_1^t)}{\sqrt{s_t / (1 - \beta_2^t)} + \varepsilon}`,
  ],
  use: 'As a control: it has all of Adam but the scaling of single coordinates. Where Adam beats it, the coordinates of the model matter; where it does not, one float for each parameter is spared.',
  relatives: {
    adam: 'has a second moment for each coordinate; its trajectory changes with a rotation of the parameters, that of this method turns with it',
    'adagrad-norm': 'one number for all parameters too, a sum instead of an average',
    'sgd-normalized': 'divides by the norm of the present gradient instead of an average',
  },
};
