import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\text{every } T \text{ steps: } B = \text{the top singular vectors of } g`,
    String.raw`R = g B, \qquad m \leftarrow \beta_1 m + (1 - \beta_1)\, R, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, R^2`,
    String.raw`w \leftarrow w - \eta\, \alpha\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \left( \frac{m}{\sqrt v + \varepsilon} \right) B^\top`,
  ],
  use: 'Training large matrices with the moments of a low-rank projection of their gradients. What lies outside of the projection does not move until the next refresh: frugal moves it by sign, at the same memory.',
  relatives: {
    frugal: 'moves what is outside of the subspace too',
    'subspace-momentum': 'projects momentum only; second moments see the whole gradient',
    adamw: 'what all other tensors take',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, GaLore',
      what: 'the projector is refreshed when the step number, counted from 1, is a multiple of the gap: the first period is one step shorter than the others',
      ours: "refreshed at steps 1, gap + 1, ..., as in the authors' code",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.galore',
      what: 'projects the other side: moments are as long as the shorter side and projectors as the longer; scale is 1, eps comes after the bias correction',
      ours: "the authors' sides; with the other one and eps 0 the trajectories agree",
      option: "side: 'reverse-std', scale: 1",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, pytorch_optimizer 4.1.0, the authors',
      what: 'singular vectors are computed in float32 whatever the type of the gradient, and have the signs that the library happens to give; moments, which are kept, change sides with them',
      ours: 'in the type of the gradient; each new vector has the sign nearer to that of the one it replaces',
    },
    {
      kind: 'fork',
      who: 'Zhao et al. 2024 and their code',
      what: 'eps is added to the uncorrected root, decay follows the step; the factor is alpha in the paper, scale in the code',
      ours: 'as in the code',
    },
  ],
};
