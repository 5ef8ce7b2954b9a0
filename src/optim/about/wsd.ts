import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`r_s = \begin{cases} 1 & W \le s < H \\ f + (1 - f)\left(1 - \sqrt{x}\right) & s \ge H \end{cases}, \qquad x = \frac{s - H}{D}, \quad H = T - D, \quad s = t - 1`,
    String.raw`\text{other cooldowns: } 1 - x, \quad \tfrac12 (1 + \cos \pi x), \quad 2(1 - x) - \tfrac12 (1 + \cos \pi x), \quad 1 - x^2, \quad f^{x}`,
  ],
  use: 'Where the length of a run is not settled, or several lengths are wanted: one constant run, and a cooldown of a fifth of it from any checkpoint, comes as low as a cosine tuned to that length. The best constant rate is about half of the best peak of a cosine.',
  relatives: {
    constant: 'without the cooldown',
    linear: 'decays all along',
    cosine: 'must know its length from the start',
  },
  disagreements: [
    {
      kind: 'fork',
      who: "epfml/schedules-and-scaling, the authors' flags",
      what: 'default to a linear cooldown over a tenth of the run',
      ours: '1-sqrt over a fifth, which the paper found best',
      option: "shape: 'linear', cooldown: 0.1",
    },
    {
      kind: 'fork',
      who: 'Schaipp et al. 2025, arXiv:2501.18965, and their package',
      what: 'x = (s + 1 - H) / D, so that the last step has the floor; in their figures (s + 1 - H) / (D + 1)',
      ours: 'x = (s - H) / D: the first cooldown step has the full rate, the last one a little',
      option: "cooldownIndexing: 'one' or cooldownIndexing: 'inner'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, get_wsd_schedule',
      what: 'in the shapes 1-sqrt, linear and 1-square the rate falls towards 0 and jumps up to min_lr_ratio at the end; the docstring says so',
      ours: 'every shape falls to its floor',
    },
  ],
};
