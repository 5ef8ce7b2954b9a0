import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`M_t = \mu M_{t-1} + (1 - \mu)\, G_t, \qquad U_t = \mu M_t + (1 - \mu)\, G_t, \qquad X = \frac{U_t}{\lVert U_t \rVert_F + 10^{-7}}`,
    String.raw`\text{hybrid:}\quad X \leftarrow a X + b\, (X X^\top) X + c\, (X X^\top)^2 X`,
    String.raw`W_{t+1} = (1 - \eta \lambda)\, W_t - \eta \sqrt{\max(1, r / c)}\; \frac{X}{\sqrt{\operatorname{mean} \cosh^2 X} + 10^{-8}}`,
  ],
  use: 'To see how much of Muon one iteration gives: hybrid comes near it at a fifth of the cost. Without hybrid it is normalised momentum SGD within a percent for tensors of a hundred entries or more, also in the results of its own paper.',
  relatives: {
    muon: 'five iterations in the place of none or one, and no hyperbolic cosine',
    'sgd-normalized': 'what this is without hybrid, but for a factor near 1',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'ryyzn9/AuON, auon/optimizer.py',
      what: 'divides U itself, not the unit vector X, by the root of the mean of cosh^2(1.5 X), without a factor of the shape: momentum SGD whose step grows with the gradient, against the title',
      ours: "the paper's rule, which does not see the scale of the loss",
      option: "variant: 'repository'",
    },
    {
      kind: 'fork',
      who: 'ryyzn9/AuON, its hybrid and its rates',
      what: 'its hybrid takes five Newton-Schulz iterations, as many as Muon, and its default lr is 0.24',
      ours: "one iteration and lr 0.055, as in the paper; five are muon's",
      option: 'lr: 0.24',
      untested: 'its hybrid was read, not run',
    },
  ],
};
