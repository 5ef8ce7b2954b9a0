import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\theta_t = \beta_1 \theta_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2, \qquad \tilde v_t = \max(\tilde v_{t-1}, v_t)`,
    String.raw`\tilde w_{t+1} = \tilde w_t - \eta\, \frac{\theta_t}{\sqrt{\tilde v_t}}, \qquad w_{t+1} = \tilde w_{t+1} - \eta\, \frac{\beta_1 \theta_{t-1} + (1 - \beta_1)\, p_t}{\sqrt{\tilde v_t}}`,
    String.raw`p_t = \sum_{j=1}^r c_j\, g_{t-r+j}, \qquad c = \frac{z}{\mathbf 1^\top z}, \qquad (U^\top U + \lambda I)\, z = \mathbf 1, \qquad U_j = g_{t-r+j} - g_{t-r+j-1}`,
  ],
  use: 'Where gradients are predictable from step to step: full or large batches, games. On minibatches the gain over amsgrad is small, and it keeps four floats and r gradients for each parameter.',
  relatives: {
    amsgrad: 'no second step; this one does not become it even without prediction, for theta enters twice',
    nadam: 'looks ahead with the last gradient only',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Wang, Li, Karimi & Li 2021, Algorithm 3',
      what: 'the extrapolation builds r differences of r + 1 gradients and sums r of them, without saying which end of a difference is meant; the regularisation is not given',
      ours: "the newer end, which fits the paper's own index; a regularisation of 1e-8 relative to the mean squared difference",
    },
  ],
};
