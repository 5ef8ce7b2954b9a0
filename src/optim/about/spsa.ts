import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`a_t = \frac{a}{(t + A)^\alpha}, \qquad c_t = \frac{c}{t^\gamma}, \qquad \Delta_t \in \{-1, 1\}^n`,
    String.raw`w_{t+1} = w_t - a_t\, \frac{f(w_t + c_t \Delta_t) - f(w_t - c_t \Delta_t)}{2 c_t}\, \Delta_t^{-1}`,
  ],
  use: 'When there is no gradient: a simulation, a device, a loss that is not differentiable. Two losses a step whatever the dimension, but the steps must shrink with the dimension; with gradients at hand take any other method.',
  relatives: {
    sgd: 'the same walk along a true gradient',
  },
};
