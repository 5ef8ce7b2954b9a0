import type { About } from './about.ts';

export const about: About = {
  equations: [String.raw`\tilde L(w) = |L(w) - b| + b, \qquad \nabla \tilde L = \operatorname{sign}(L - b)\, \nabla L`],
  use: 'Small data sets and noisy labels, where training loss would go to 0 and test loss up again. The level is found by validation and has no universal value. With minibatches the sign is of each minibatch on its own, so that below the level the run wanders; it costs nothing.',
  relatives: {
    'gradient-regularization':
      'what two steps that descend and ascend by turns amount to, in one step of two gradients',
    sam: 'looks for flat regions from the first step on; flooding does nothing until the level is reached',
    grades: 'stops a matrix when its gradient is small; here nothing stops',
  },
  disagreements: [
    {
      kind: 'fork',
      who: "Ishida et al. 2020, arXiv:2002.08709, eq. 5 and the line of code on the authors' page",
      what: 'the absolute value is taken of the mean over a minibatch, an upper bound of that over the data set; a loss of each example would be flooded apart otherwise',
      ours: 'of the mean over the minibatch; per-example gradients have its sign',
    },
  ],
};
