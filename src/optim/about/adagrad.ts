import type { About } from './about.ts';

export const about: About = {
  equations: [
    's_t = s_{t-1} + g_t^2',
    String.raw`w_{t+1} = w_t - \frac{\eta}{1 + (t - 1)\, \kappa}\, \frac{g_t}{\sqrt{s_t} + \varepsilon}`,
  ],
  use: 'Sparse features (each coordinate keeps a large step until it has been seen) and convex online problems, for which its regret bound was made. The step of a coordinate never grows again, which is too cautious for long training of deep networks: there rmsprop and adam forget.',
  relatives: {
    'adagrad-norm': 'one sum of squared norms for all parameters',
    rmsprop: 'an average that forgets in the place of the sum',
    adadelta: 'forgets, and takes the scale of its steps from past steps',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.adagrad; Keras 3 and TensorFlow',
      what: 'eps (1e-7) is added inside the root and the sum begins at 0.1, which shortens the first steps',
      ours: "the paper's and PyTorch's form: eps (1e-10) outside the root, the sum begins at 0",
      option: 'epsInsideRoot: true, initialAccumulator: 0.1, eps: 1e-7',
    },
  ],
};
