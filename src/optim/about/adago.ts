import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`M_t = \mu M_{t-1} + (1 - \mu)\, G_t, \qquad n_t = \min(\lVert G_t \rVert_F, \gamma)`,
    String.raw`v_t^2 = v_{t-1}^2 + n_t^2, \qquad \alpha_t = \max\Big(\epsilon,\; \eta\, \frac{n_t}{v_t}\Big)`,
    String.raw`W_{t+1} = W_t - \alpha_t\, \mathrm{Orth}(M_t)`,
  ],
  use: 'Muon where the step size is not known: it falls with the accumulated norms, so a wide range of lr works and the iterates settle without a schedule. A well tuned muon with a schedule can be better.',
  relatives: {
    muon: 'the same direction (without Nesterov), with a step size that is given and a factor of the shape',
    'adagrad-norm': 'the same step size, along the gradient itself',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, AdaGO',
      what: "divides by v^2 instead of v, the root of the sum, so that steps fall like 1 / t and soon are the floor alone; the paper divides by v. It also multiplies by Muon's factor for the shape",
      ours: 'the step of the paper, without a factor for the shape; with both undone its trajectory is ours',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdaGO',
      what: 'the sum of squared norms begins at 1e-6, so that its root, the v of the paper, begins at 1e-3',
      ours: 'v begins at 1e-6; gamma 10 and the floor 5e-4 are its defaults, as we could not verify those of the paper',
      option: 'v0: 1e-3',
    },
  ],
};
