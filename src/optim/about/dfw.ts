import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`r_t = \lambda w_t, \qquad \gamma_t = \mathrm{clip}\Bigl( \frac{f_t(w_t) - \eta \langle g_t, r_t \rangle}{\eta \lVert g_t \rVert^2 + \varepsilon},\ 0,\ 1 \Bigr)`,
    String.raw`z_t = \mu z_{t-1} - \eta \gamma_t (g_t + r_t), \qquad w_{t+1} = w_t - \eta (r_t + \gamma_t g_t) + \mu z_t`,
  ],
  use: 'Hinge losses of networks, without a schedule: the factor gamma shrinks the steps as the loss nears 0. With cross-entropy it is SGD at first.',
  relatives: {
    sgd: 'gamma = 1',
    sps: 'the same quotient without the decay; the cap is on the step size itself',
  },
};
