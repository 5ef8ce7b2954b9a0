import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`T: \quad v_k > \min_{l < k - n} v_l \quad (k > n \text{ evaluations before}), \qquad \bar w_t = \frac{1}{t - T} \sum_{i = T + 1}^{t} w_i`,
  ],
  use: 'Around SGD with a high constant rate, as for LSTM language models: clip(nt-asgd(sgd)). It needs regular evaluations; with few of them (fewer than about 3 n in a run) it never begins.',
  relatives: {
    polyak: 'begins at a step that is given',
    plateau: 'the same occasion, answered by a smaller rate',
    asgd: 'a fixed start, and decay of rate and weights',
    swad: 'the validation loss ends the average too',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Merity et al. 2017, Algorithm 1 as printed; salesforce/awd-lstm-lm, main.py',
      what: 'the paper can be read as comparing with the least of the last n losses; the code compares with the least of all but the last n',
      ours: "the code's rule, which triggers later",
      option: "nonMonotoneRule: 'window'",
    },
    {
      kind: 'fault',
      who: 'salesforce/awd-lstm-lm with torch.optim.ASGD(t0=0)',
      what: 'the first iterate after the trigger is not averaged (see asgd)',
      ours: 'it is',
    },
  ],
};
