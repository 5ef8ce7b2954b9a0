import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\bar r_t = \max\bigl(\bar r_{t-1}, \lVert w_t - w_1 \rVert\bigr), \qquad \bar r_0 = r_{\mathrm{rel}}\, (1 + \lVert w_1 \rVert)`,
    String.raw`S_t = S_{t-1} + \lVert g_t \rVert^2, \qquad w_{t+1} = w_t - \frac{\bar r_t}{\sqrt{S_t + \varepsilon}}\, g_t`,
    String.raw`\bar w_t = \Bigl(1 - \frac{\gamma + 1}{\gamma + t}\Bigr) \bar w_{t-1} + \frac{\gamma + 1}{\gamma + t}\, w_{t+1}`,
  ],
  use: 'SGD without a learning rate or a schedule, evaluated at an average; good for fine-tuning and convex problems. From the default repsRel the step size takes hundreds of steps to grow: in short runs raise it to 1e-2.',
  relatives: {
    dowg: 'weights the gradient norms by the distance, so that early small steps count less',
    ldog: 'a distance for each tensor',
    'adagrad-norm': 'a constant in the place of the distance',
    prodigy: 'a lower bound in the place of the distance travelled, for Adam',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Ivgi, Hinder & Carmon 2023',
      what: 'theorems weight the average by the distance, the experiments take the polynomial-decay average with gamma 8',
      ours: 'the polynomial-decay average',
      option: "average: 'distance'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.dog',
      what: 'has no average: it is left to the user',
      ours: 'evaluates at the average',
      option: "average: 'none'",
    },
    {
      kind: 'fork',
      who: 'Ivgi, Hinder & Carmon 2023, T-DoG; formll/dog 1.1, init_eta; optax 0.2.8, init_step',
      what: 'the theory damps the step by logarithms and takes the largest gradient norm (T-DoG); codes also accept a first step size or distance in absolute terms',
      ours: 'DoG without damping, its first distance relative to 1 + |w_0|',
      untested: 'T-DoG and first steps in absolute terms are not among our options',
    },
  ],
};
