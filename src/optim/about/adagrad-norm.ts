import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`b_t^2 = b_{t-1}^2 + \|g_t\|^2, \qquad b_0 > 0`,
    String.raw`w_{t+1} = w_t - \frac{\eta}{b_t}\, g_t`,
  ],
  use: 'When nothing is known of smoothness or noise and no run may diverge: any lr and b0 converge, some more slowly. One number of state. A tuned sgd with a schedule is faster; adaptive methods by coordinate are better where tensors differ in scale.',
  relatives: {
    adagrad: 'one sum for each coordinate',
    sgd: 'its lr is given and not found',
    sgdol: 'learns one step size for all parameters too, from two gradients at each step',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Li & Orabona 2019, arXiv:1805.08114',
      what: 'divides by the sum of the gradients before this one (to a power a little over 1/2), so that step size and gradient are independent',
      ours: 'the current gradient is included, as in Ward, Wu & Bottou and in Attia & Koren',
      option: 'delayed: true',
    },
  ],
};
