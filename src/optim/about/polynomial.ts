import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \eta \left( f + (1 - f) \left(1 - \frac{p}{n}\right)^{k} \right), \qquad p = t - 1 \text{ of } n`,
  ],
  use: 'A family around linear decay: powers above 1 spend more of the run at small rates, powers below 1 fall at the end. Semantic segmentation uses 0.9; large-batch training with LARS uses 2.',
  relatives: {
    linear: 'decayPower 1',
    cosine: 'between powers 1 and 2 near the end',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, PolyScheduler',
      what: 'after the warmup the rate is min_lr + (max_lr - min_lr) n^poly_order, n the steps since then, as its docstring says too: it grows without bound, and t_max has no effect',
      ours: 'the share of the run that is left, as PyTorch PolynomialLR and Optax polynomial_schedule',
    },
  ],
};
