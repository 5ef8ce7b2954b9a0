import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`c_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad w_{t+1} = w_t - \eta\, \bigl(\nabla \mathcal{K}(c_t) + \lambda w_t\bigr), \qquad m_t = \beta_2 m_{t-1} + (1 - \beta_2)\, g_t`,
    String.raw`\min_w\; f(w) + \tfrac{1}{\lambda}\, \mathcal{K}^*(\lambda w)`,
    String.raw`\operatorname{dist}_t \le (1 - \eta \lambda)^t\, \operatorname{dist}_0 \quad \text{to the set } \mathcal{K}^*(\lambda w) < \infty, \text{ whatever the gradients}`,
  ],
  use: 'To see what a choice of sign, norm or threshold really minimises, and to bound weights by 1 / weightDecay in a norm of choice. As a trainer take lion (kappa l1) or a Euclidean norm tensor by tensor (kappa lp, p 2, scope tensor).',
  relatives: {
    lion: 'kappa l1',
    muon: 'kappa nuclear without its scale by shape, and with other momentum',
    sgd: 'kappa quadratic: momentum with decay, the blend of beta1 aside',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Chen et al. 2024, discrete analysis',
      what: 'decays implicitly, w is divided by 1 + lr weightDecay after the step',
      ours: "explicit decay, as in practice and in the paper's experiments",
      option: 'implicit: true',
    },
    {
      kind: 'fork',
      who: "optax 0.2.8, scale_by_lion with mode 'refined' or 'smooth'",
      what: 'replaces the sign by clip(c, -1, 1), or by tanh(smooth_beta c)',
      ours: 'both are members of this family, Huber of width 1 and log cosh of width 1 / smooth_beta',
      option: "kappa: 'huber', edge: 1 or kappa: 'logcosh', edge: 1 / smoothBeta",
    },
  ],
};
