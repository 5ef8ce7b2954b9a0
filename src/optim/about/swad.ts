import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`t_s = \min\Big\{ i - N_s + 1 : E_{i - N_s + 1} = \min_{i - N_s < j \le i} E_j \Big\}, \qquad \ell = \frac{r}{N_s} \sum_{j = t_s}^{t_s + N_s - 1} E_j`,
    String.raw`t_e = \min\Big\{ i - N_e : \min_{i - N_e < j \le i} E_j > \ell \Big\}, \qquad w = \frac{1}{t_e - t_s + 1} \sum_{j = t_s}^{t_e} \bar w_j`,
  ],
  use: 'For fine-tuning that overfits: the mean covers the whole valley of the validation loss and no more, without a start or end to choose. It needs dozens of evaluations in a run, on data of the training domains.',
  relatives: {
    polyak: 'SMA: every iterate from a step that is given to the end',
    'nt-asgd': 'the validation loss chooses the start only',
    swa: 'a start that is given, and weights every so many steps',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'khanrc/swad, swad.py, LossValley',
      what: 'when the valley is found, its start segment is folded in a second time, or segments before it are; the look-back skips one segment',
      ours: 'every segment from t_s to t_e once, as in Algorithm 1',
    },
  ],
};
