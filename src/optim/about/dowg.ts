import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\bar r_t^2 = \max\bigl(\bar r_{t-1}^2, \lVert w_t - w_1 \rVert^2\bigr), \qquad v_t = v_{t-1} + \bar r_t^2\, \lVert g_t \rVert^2`,
    String.raw`w_{t+1} = w_t - \frac{\bar r_t^2}{\sqrt{v_t}}\, g_t`,
  ],
  use: 'For full or large batches: one rule for smooth and non-smooth convex losses, which converges at the rate of each. With noise, evaluate at an average. In short runs raise rEps.',
  relatives: {
    dog: 'gradient norms without weights: early gradients, at small distances, keep the step size down longer',
    'adagrad-norm': 'a constant in the place of the distance',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'rka97/dowg and optax 0.2.8, optax.contrib.dowg',
      what: 'the squared distance begins at eps = 1e-4 (so the distance at 1e-2), and the same eps is added to the root of v',
      ours: 'the paper: the distance begins at rEps, nothing is added',
      option: 'rEps: 1e-2, eps: 1e-4',
    },
    {
      kind: 'fork',
      who: 'Khaled, Mishchenko & Jin 2023',
      what: 'theorems are for the average weighted by the squared distance, experiments for the last iterate or a polynomial-decay average',
      ours: 'the last iterate',
      option: "average: 'distance' or average: 'polynomial'",
    },
  ],
};
