import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`M_t = \mu M_{t-1} + G_t, \qquad U_t = G_t + \mu M_t`,
    String.raw`W_{t+1} = (1 - \eta \lambda)\, W_t - 0.2\, \eta \sqrt{\max(r, c)}\; \mathrm{NS}_5(U_t)`,
  ],
  use: 'In the place of a tuned AdamW: its lr and weight decay can be kept, for updates have the same root mean square. For long runs, where the decay matters.',
  relatives: {
    muon: "there the factor is sqrt(max(1, r / c)), and AdamW has an lr of its own; scale: 'moonshot' makes them equal",
    adamw: 'takes the embeddings, the head and all vectors here, with the same lr and decay',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'PyTorch 2.15 (match_rms_adamw), optax 0.2.8 (consistent_rms), pytorch_optimizer 4.1.0 (use_adjusted_lr)',
      what: 'the momentum is an average, not a sum',
      ours: 'the sum, as in the paper; the same direction but for the 1e-7 of Newton-Schulz. muon has the average',
    },
  ],
};
