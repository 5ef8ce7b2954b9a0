import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\delta_t = d_t \gamma_t, \qquad v_t = v_{t-1} + g_t^2, \qquad A_t = \sqrt{v_t} + \varepsilon, \qquad s_t = s_{t-1} + \delta_t g_t`,
    String.raw`q_t = q_{t-1} + \delta_t^2 \sum \frac{g_t^2}{A_t}, \qquad d_{t+1} = \max\Bigl(d_t, \frac{\sum s_t^2 / A_t - q_t}{\lVert s_t \rVert_1}\Bigr)`,
    String.raw`w_{t+1} = \mu w_t + (1 - \mu) \Bigl( w_1 - \frac{s_t}{A_t} \Bigr)`,
  ],
  use: 'Sparse or badly scaled convex problems without a learning rate. Its d grows slowly: the authors recommend the forms for SGD and Adam elsewhere.',
  relatives: {
    adagrad: 'descends from the newest point, with lr in the place of d; here dual averaging from the start',
    'd-adaptation-adam': 'forgets old gradients',
    madgrad: 'dual averaging with cube roots',
  },
};
