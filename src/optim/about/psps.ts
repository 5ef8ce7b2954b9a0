import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \min\Bigl\{ \frac{\max(0, f_t(w_t) - f_t^\star)}{g_t^\top B_t^{-1} g_t},\ \eta_{\max} \Bigr\}, \qquad w_{t+1} = w_t - \eta_t B_t^{-1} g_t`,
    String.raw`B_t = \max\Bigl(\mathrm{least},\ \Bigl| \frac{D_t}{1 - \beta^t} \Bigr|\Bigr), \qquad D_t = \beta D_{t-1} + (1 - \beta)\, z_t \odot \nabla^2 f_t(w_t)\, z_t, \qquad z_t \in \{-1, 1\}^d`,
  ],
  use: 'Badly scaled problems that can be fitted exactly: SPS along preconditioned gradients. The default preconditioner costs a Hessian-vector product a step; a larger leastScale tames directions of little curvature.',
  relatives: {
    sps: 'B = 1',
    adahessian: 'the same estimate of the diagonal, with a learning rate and momentum',
  },
};
