import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`v_t = \rho v_{t-1} + (1 - \rho)\, g_t^2`,
    String.raw`u_t = \frac{\sqrt{d_{t-1} + \varepsilon}}{\sqrt{v_t + \varepsilon}}\, g_t, \qquad d_t = \rho d_{t-1} + (1 - \rho)\, u_t^2`,
    String.raw`w_{t+1} = w_t - \eta\, u_t`,
  ],
  use: 'Where no learning rate shall be tuned and time does not matter much: its steps begin at sqrt(eps / (1 - rho)) and grow by themselves. eps is the hidden learning rate of the start. Mostly of historical interest.',
  relatives: {
    rmsprop: 'the same denominator under a given lr',
    adagrad: 'a sum that never forgets',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Keras 3, keras.optimizers.Adadelta',
      what: 'a default learning rate of 0.001, with which the method hardly moves; the paper has no learning rate, that is 1',
      ours: 'lr 1, as in PyTorch',
      option: 'lr: 0.001',
    },
    {
      kind: 'fork',
      who: 'Zeiler 2012, section 4',
      what: 'the experiments use rho 0.95',
      ours: '0.9, the default of PyTorch and Optax',
      option: 'rho: 0.95',
    },
  ],
};
