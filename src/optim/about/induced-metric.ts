import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`q_t = \xi \sum_i \frac{g_{t,i}^2}{D_i}, \qquad M_t = \beta M_{t-1} + (1 - \beta)\, q_t, \qquad m_t = \mu m_{t-1} + (1 - \mu)\, g_t`,
    String.raw`w_{t+1} = w_t - \eta\, S_t \frac{\hat m_t}{D} - \eta \lambda w_t, \qquad S_t = \frac{1}{1 + \hat M_t} \quad\text{or (log)}\quad S_t = \frac{L_t}{L_t^2 + \hat M_t}`,
    String.raw`D = 1 \ \text{(plain, log)}, \qquad D = \sqrt{\hat v_t} + \varepsilon \ \text{(rms)}`,
  ],
  use: "Where clipping by the global norm is wanted without a threshold: steps shrink smoothly as gradients grow. 'rms' is the safe choice for networks; 'log' needs a positive loss and suits regression to small losses.",
  relatives: {
    'sgd-clip': 'clips with a kink: min(lr, gamma / |u|)',
    adam: 'the rms variant with xi = 0, up to the names of the decays',
    'sgd-normalized': 'divides by the norm however small it is',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'harveyThomas4692/Induced-Metric-Optimiser, first commit; its notebook on functions of two variables',
      what: 'beta is 0.1 in the first commit of the code, 0 in the notebook',
      ours: '0.8, the default of the code since; with beta 0 the steps that the notebook counts are reproduced exactly',
      option: 'beta: 0.1',
    },
  ],
};
