import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\xi_t = \frac{1}{1 + e^{-|g_{t-1} - g_t|}}, \qquad g_0 = 0`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \xi_t\, \frac{m_t}{\sqrt{v_t} + \varepsilon}, \qquad m_t, v_t \text{ as in Adam}`,
  ],
  use: 'Mainly of historical interest: small gradients make xi about 1/2, so on most networks it is close to Adam with half the lr. Compare it to that before you credit the friction.',
  relatives: {
    adam: 'has no friction: xi is 1',
    adabelief: 'it too looks at how the gradient changes, but in the denominator',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'shivram1987/diffGrad, diffGrad.py (the first code of the authors)',
      what: 'keeps a reference to the gradient instead of a copy, so from the second step on the difference is 0 and xi is 1/2; by a comment of the authors the results of the paper come from it',
      ours: 'the rule of the paper, as in their diffGrad_v2.py',
      option: "variant: 'released'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, DiffGrad',
      what: 'adds 1e-15 under the root beside eps, and its decay is decoupled by default',
      ours: 'nothing under the root, decay in the gradient, as in the code of the authors',
    },
    {
      kind: 'fault',
      who: 'shivram1987/diffGrad, the analytical notebook',
      what: 'takes sin(8x) + x cos(8x) for the derivative of x sin(8x), without the inner factor 8, in its second test function, and ends at -0.81',
      ours: 'the derivative: diffGrad ends at -0.64, the minimum',
    },
  ],
};
