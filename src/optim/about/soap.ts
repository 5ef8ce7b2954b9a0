import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`G'_t = Q_L^\top G_t\, Q_R, \qquad M_t = \beta_1 M_{t-1} + (1 - \beta_1)\, G_t, \qquad V_t = \beta_2 V_{t-1} + (1 - \beta_2)\, G_t'^{\,2}`,
    String.raw`W_{t+1} = (1 - \eta \lambda) \Big( W_t - \eta\, \frac{\sqrt{1 - \beta_2^k}}{1 - \beta_1^k}\; Q_L\, \frac{Q_L^\top M_t\, Q_R}{\sqrt{V_t} + \varepsilon}\, Q_R^\top \Big)`,
    String.raw`L_t = \beta_s L_{t-1} + (1 - \beta_s)\, G_t G_t^\top, \qquad Q_L \leftarrow \operatorname{orth}(L_t Q_L) \text{ every } f \text{ steps, and likewise } R_t, Q_R`,
  ],
  use: "Where a few per cent fewer steps are worth a few matrix products each: language models and perceptrons with sides of up to some thousands. It takes Adam's hyperparameters; lower maxSide where one long side would dominate time and memory.",
  relatives: {
    adam: 'SOAP without bases; eps stands before the correction here',
    'distributed-shampoo':
      'divides by roots of the same statistics; here only their eigenvectors are used, and variances stay fresh between refreshes',
    'galore-adam': 'also Adam in rotated coordinates, but in a few of them, of one side, taken from one gradient',
    'psgd-kron': 'learns factors of the same shape without statistics or eigenvectors',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Vyas et al. 2024, Algorithm 3, against the code of its authors (nikhilvyas/SOAP)',
      what: 'the code uses the first gradient for the statistics only and moves nothing; the paper steps at once',
      ours: 'the code, whose runs the paper reports; the whole run is one step late',
      option: 'skipFirst: false',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, SOAP',
      what: 'the QR decomposition is in float32 even where everything else is float64, so that bases are orthogonal to 1e-7 only',
      ours: 'the decomposition is in float64 whatever the parameters are',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, SOAP, normalize_gradient',
      what: 'an update is divided by its root mean square + eps',
      ours: "by its root mean square + 1e-30, as in the authors' code: normalised means normalised, whatever eps is",
    },
  ],
};
