import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`a = \frac{\alpha}{1 + \alpha}, \qquad \gamma_{k+1} = (1 - a)\, \gamma_k + a\, \mu, \qquad x_{k+1} = (1 - a)\, x_k + a\, v_k`,
    String.raw`b = \frac{\alpha \mu}{\alpha \mu + \gamma_{k+1}}, \qquad v_{k+1} = (1 - b)\, v_k + b\, x_{k+1} - \frac{b}{\mu}\, \nabla f(x_{k+1})`,
    String.raw`\alpha^* = \frac{\mu + \gamma + \sqrt{(\mu - \gamma)^2 + 4 \gamma L}}{L - \mu} \quad \text{on a quadratic with curvatures in } [\mu, L]`,
  ],
  use: 'Stable at larger steps than explicit Nesterov momentum, with a theory for its best step size on quadratics. mu and gamma are worth tuning together with lr; larger gamma damps more.',
  relatives: {
    sgd: 'Nesterov momentum there discretises the same flow explicitly',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'naggsopt/naggs, NAGGS in nag_gs_pytorch.py',
      what: 'computes the new gamma and drops it, so that gamma stays as it was given and the class equals NAG4 beside it; at mu = 0, which it accepts, it divides by 0',
      ours: 'gamma moves towards mu, as in the paper and in their JAX code',
      option: 'constantGamma: true',
    },
    {
      kind: 'fork',
      who: 'naggsopt/naggs, nag_gs_jax.py',
      what: 'defaults to alpha 0.05 and gamma 1.5; the PyTorch code to 0.01 and 1',
      ours: 'the defaults of PyTorch, the order of the paper: the first step leaves w where it is',
      option: 'lr: 0.05, gamma: 1.5',
    },
  ],
};
