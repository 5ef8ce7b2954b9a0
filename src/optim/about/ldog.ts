import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\bar r_t^{\,l} = \max\bigl(\bar r_{t-1}^{\,l}, \lVert w_t^l - w_1^l \rVert\bigr), \qquad S_t^l = S_{t-1}^l + \lVert g_t^l \rVert^2 \quad \text{for each tensor } l`,
    String.raw`w_{t+1}^l = w_t^l - \frac{\bar r_t^{\,l}}{\sqrt{S_t^l + \varepsilon}}\, g_t^l`,
  ],
  use: 'DoG where tensors differ in scale, such as transformers. Every tensor, biases and gains too, gets a step size of its own; evaluated at the average.',
  relatives: {
    dog: 'one distance for all parameters',
    lars: 'the norm of a tensor in the place of its distance from the start',
  },
};
