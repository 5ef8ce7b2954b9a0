import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`A_t = \bigl(\alpha - \tfrac{1}{\beta}\bigr)\, w_t + \tfrac{1}{\beta}\, \psi_t, \qquad \psi_{t+1} = \psi_t - \eta_t A_t, \qquad \psi_1 = (1 - \alpha \beta)\, w_1`,
    String.raw`w_{t+1} = w_t - \eta_t\, (A_t + \beta g_t + \lambda w_t), \qquad \eta_t = \eta\, t^{-p}`,
  ],
  use: 'Where plain momentum oscillates across a valley: beta damps along the Hessian without computing it. Keep lr below beta. The gradient enters times lr beta, so with beta 0.1 lr is ten times that of SGD.',
  relatives: {
    innaprop: 'the gradient is divided by the root of its second moment',
    sgd: 'heavy ball has friction alone',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Castera et al. 2019, Algorithm 1',
      what: 'step sizes fall as 1 / sqrt(t)',
      ours: "constant, the default of the authors' PyTorch code; a schedule does the rest",
      option: 'power: 0.5',
    },
  ],
};
