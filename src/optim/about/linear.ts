import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \eta \left( f + (1 - f) \left(1 - \frac{p}{n}\right) \right), \qquad p = t - 1 \text{ of } n = T - W \text{ steps after } W \text{ of warmup}`,
    String.raw`\text{AdamW as an average, } a_t = \eta_t \lambda: \quad w_T = \prod_j (1 - a_j)\, w_0 + \sum_i a_i \prod_{j > i} (1 - a_j)\, x_i`,
  ],
  use: 'The default for a run of known length: with warmup, decay to zero ("D2Z") beats decay to a tenth in language models, and the bound on the last iterate is the best of all common schedules. `linear({ warmup: 0.1 })` around AdamW with weight decay 0.1 is the setting of Straight to Zero; `emaCoefficients` shows what it averages.',
  relatives: {
    cosine: 'slower at first, faster in the middle',
    polynomial: 'this for decayPower 1',
    wsd: 'the decay of the last fifth only',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Defazio et al. 2023, arXiv:2310.07831; Schaipp et al. 2025, arXiv:2501.18965',
      what: 'the theory has 1 - t / T, whose last step does nothing, or 1 - t / (T + 1), which wastes none',
      ours: '1 - (t - 1) / T, as libraries have it: the first step has the full rate',
      option: "indexing: 'one' or indexing: 'inner'",
    },
    {
      kind: 'fork',
      who: 'common practice before Bergsma et al. 2025, arXiv:2502.15938',
      what: 'decays to a tenth of the peak',
      ours: 'decays to zero',
      option: 'floor: 0.1',
    },
  ],
};
