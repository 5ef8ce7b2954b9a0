import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`p_t = \frac{m_t}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon}, \qquad m_t,\, v_t \text{ as in Adam}`,
    String.raw`|\cos(g_t, w_t)| < \frac{\delta}{\sqrt{\dim w}}: \qquad p_t \leftarrow p_t - \hat w_t\, (\hat w_t \cdot p_t), \quad r = r_0; \qquad \text{otherwise } r = 1`,
    String.raw`w_{t+1} = (1 - \eta \lambda r)\, w_t - \frac{\eta}{1 - \beta_1^t}\, p_t`,
  ],
  use: 'Networks with normalisation layers, whose weights are scale-invariant: momentum makes their norm grow and the effective step size shrink, and this keeps it from doing so. Without normalisation it is adamw.',
  relatives: {
    adamw: 'no projection: the same on vectors and where no tensor looks scale-invariant',
    sgdp: 'the same projection for momentum SGD',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Heo et al. 2021, Algorithm 2',
      what: 'tests and projects each weight vector by itself',
      ours: "all rows of a tensor or none, then the tensor as a whole, as in the authors' code",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0',
      what: 'adds eps to the root before the bias correction',
      ours: "after it, as in the authors' code",
    },
  ],
};
