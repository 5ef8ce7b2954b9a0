import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`r = P g, \qquad m \leftarrow \beta_1 m + (1 - \beta_1)\, r, \qquad n = P^\top m + (g - P^\top r)`,
    String.raw`\text{sgd:}\quad w \leftarrow w - \eta\, n`,
    String.raw`\text{adam:}\quad w_i \leftarrow w_i - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \frac{n_i}{\sqrt{V_S} + \varepsilon}, \qquad i \in S`,
  ],
  use: 'Momentum at a fraction of its memory: what is outside of the subspace is not lost but takes plain steps. With the denominators of subset-norm the state is well below one float for each parameter. Full momentum is better where it fits.',
  relatives: {
    'subset-norm': 'whole momentum, the same denominators: what 100 percent are here',
    'galore-adam': 'projects the gradient and drops what is outside',
    frugal: 'outside of the subspace it descends by sign',
    sgd: "what beta1 = 0 leaves in form 'sgd'",
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'timmytonga/sn-sm',
      what: 'the bias correction of the momentum multiplies what is orthogonal to the subspace too, which is no average: ten times longer at first',
      ours: 'the same by default, for that is what was measured; the clean form on demand',
      option: 'correctOrthogonal: false',
    },
    {
      kind: 'fault',
      who: 'timmytonga/sn-sm',
      what: 'in the step that changes the subspace the old momentum is read before it is reset, in coordinates that mean nothing any more',
      ours: 'it is reset first',
    },
  ],
};
