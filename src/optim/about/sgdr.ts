import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \eta \left( f + (\gamma^c - f)\, \tfrac12 \left(1 + \cos \frac{\pi q}{T_c}\right) \right), \qquad T_c = T_0\, m^c, \quad q \text{ steps into cycle } c`,
  ],
  use: 'Where a good model is wanted at several times of one run, each at the end of a cycle, or one for each cycle (snapshot ensembles). For the best loss at one known time a single cosine is better.',
  relatives: {
    cosine: 'one cycle',
    wsd: 'its cooldowns can be branched off at any time instead',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, CosineAnnealingWarmupRestarts',
      what: 'cycle_mult stretches what of a cycle comes after its warmup, and rounds it down; the peak falls to 0.9 of itself at each restart by default',
      ours: 'the whole cycle grows, as in the paper; peaks do not fall by default',
      option: 'peakDecay: 0.9',
    },
  ],
};
