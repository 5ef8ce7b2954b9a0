import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad h_t = \beta_2 h_{t-1} + (1 - \beta_2)\, \hat h_t \ \text{ at } t = 1, 1 + k, 1 + 2k, \ldots`,
    String.raw`\hat h = u \odot (H u),\ u \sim \mathcal N(0, I) \quad \text{or} \quad \hat h = B\, \hat g \odot \hat g,\ \hat g \text{ over } B \text{ labels drawn from the model}`,
    String.raw`w_{t+1} = (1 - \eta \lambda)\, w_t - \eta \operatorname{clip}\!\Big( \frac{m_t}{\max(\gamma h_t, \varepsilon)}, -1, 1 \Big)`,
  ],
  use: 'For language models where curvature differs much between coordinates; tune gamma so that 10 to 50 per cent of the entries are not clipped. Independent comparisons see no gain over AdamW below half a billion parameters.',
  relatives: {
    adahessian: 'takes the root of the averaged square of the estimate, at every step, and does not clip',
    signum: 'what Sophia is where every entry is clipped',
    lion: 'a sign of momentum too, without curvature, with a decay of the same form',
    adamw: 'divides by the root of the mean squared gradient, which the Gauss-Newton-Bartlett estimate resembles',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.contrib.sophia',
      what: 'corrects the bias of the momentum, probes with signs, and uses each estimate one step late, so that the first step is one of signs',
      ours: 'Algorithm 3: no correction, normal probes, and the estimate before the step',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, SophiaH',
      what: 'clips m / max(h, eps) at p, so that lr p is the largest change of an element',
      ours: "the paper's gamma, and lr is the largest change; the same rule for gamma = p with lr and eps multiplied by p",
      option: 'gamma: p, lr: lr * p, eps: eps * p',
    },
    {
      kind: 'fork',
      who: 'Liuhong99/Sophia, sophia.py (Sophia-G)',
      what: 'averages squares of the gradient over drawn labels without their number B, divides by rho B h + 1e-15, has rho 0.04 and beta1 0.965, and takes each estimate after the step before',
      ours: 'B is in the estimate, and gamma is rho: the same rule, with the estimate before the step',
      option: "estimator: 'gauss-newton-bartlett', gamma: 0.04, beta1: 0.965, eps: 1e-15",
    },
  ],
};
