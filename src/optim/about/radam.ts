import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\rho_\infty = \frac{2}{1 - \beta_2} - 1, \qquad \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t}, \qquad r_t = \sqrt{\frac{(\rho_t - 4)(\rho_t - 2)\, \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2)\, \rho_t}}`,
    String.raw`w_{t+1} = w_t - \eta\, r_t\, \hat m_t\, \frac{\sqrt{1 - \beta_2^t}}{\sqrt{v_t} + \varepsilon} \qquad \text{if } \rho_t > 5`,
    String.raw`w_{t+1} = w_t - \eta\, \hat m_t \qquad \text{otherwise}`,
  ],
  use: 'Instead of adam when there shall be no warmup to tune: r rises to 1 over about 2 / (1 - beta2) steps. Its first five steps are plain momentum steps of the same lr, which can be far too long or too short: see `early`.',
  relatives: {
    adam: 'no rectification; with a linear warmup of 2 / (1 - beta2) steps it behaves much the same',
    adamw: 'the same with decoupled decay',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Liu et al. 2020, Algorithm 2',
      what: "rectifies from rho_t > 4 on; the authors' code, PyTorch, Optax and pytorch_optimizer wait for 5",
      ours: '5, as PyTorch',
      option: 'threshold: 4',
    },
    {
      kind: 'fork',
      who: "the authors' code (LiyuanLucasLiu/RAdam) and pytorch_optimizer 4.1.0 at their defaults",
      what: 'before rectification begins there is no step at all, nor weight decay (degenerated_to_sgd=False); the paper takes momentum steps',
      ours: 'momentum steps, as in the paper, PyTorch and Optax',
      option: "early: 'none'",
    },
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.radam',
      what: 'eps is added after the bias correction of the second moment, and the threshold belongs to the rectified side (>=)',
      ours: "eps before it, as in PyTorch and the authors' code",
      option: 'epsHat: false',
    },
  ],
};
