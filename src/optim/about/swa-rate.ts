import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`q = \frac{t - 1}{t_0}: \qquad \frac{\eta_t}{\eta} = \begin{cases} 1 & q \le 0.5 \\ 1 - (1 - \rho)\,\frac{q - 0.5}{0.4} & 0.5 < q \le 0.9 \\ \rho & q > 0.9 \end{cases}`,
    String.raw`t > t_0: \qquad \frac{\eta_t}{\eta} = (1 - u)\, \rho + u\, \rho_{\text{low}}, \qquad u = \frac{((t - 1) \bmod c) + 1}{c}`,
  ],
  use: "With 'swa' inside, and the same start: swa-rate(swa(sgd)). The rate while averaging must be high enough for the weights to move between two averages: half the first rate is usual, a tenth at least.",
  relatives: {
    constant: 'no descent before the average, no cycles',
    sgdr: 'cycles of cosine form, from the peak to the floor, over the whole run',
    wsd: 'decays at the end instead of averaging',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'torch 2.15, swa_utils.SWALR',
      what: 'the full rate of the schedule before it up to the start of the average, then 10 epochs of cosine (or linear) annealing to swa_lr, during which weights are already averaged',
      ours: "the authors': the rate is down before the average begins",
      option: "approach: 'cos' or approach: 'linear'",
    },
  ],
};
