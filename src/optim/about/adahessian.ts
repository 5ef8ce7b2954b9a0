import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`D_t = \operatorname{mean}_{\text{rows, windows}} \lvert z \odot (H z) \rvert, \quad z \in \{-1, 1\}^n, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, D_t^2`,
    String.raw`w_{t+1} = w_t - \eta \Big( \frac{\hat m_t}{\hat v_t^{\,k/2} + \varepsilon} + \lambda w_t \Big)`,
  ],
  use: 'Badly scaled problems of moderate size where a Hessian-vector product at every step (about two gradients) is affordable; updatePeriod makes it rarer. Its lr is near 0.1, not that of Adam.',
  relatives: {
    adam: 'the same with squared gradients in the place of the squared Hessian diagonal',
    sophia: 'averages the estimate itself, seldom, and clips the step',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Yao et al. 2020, eq. 9-10, against the code of its authors (amirgholami/adahessian)',
      what: 'the paper averages the signed estimates, which can cancel to 0 and blow the step up; the code takes absolute values first',
      ours: 'the code',
      option: "averaging: 'signed'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdaHessian',
      what: 'does not average over rows and windows, and has eps 1e-16',
      ours: "averages as the authors' code does for transformers, with eps 1e-4",
      option: "averaging: 'none'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdaHessian, update_period',
      what: 'leaves the second moment alone between two estimates, though its bias correction counts every step',
      ours: "averages the kept estimate at every step, as the authors' code",
    },
  ],
};
