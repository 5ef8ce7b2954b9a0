import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \eta \left( f + (1 - f)\, \tfrac12 \left(1 + \cos \frac{\pi p}{n}\right) \right), \qquad p = t - 1 \text{ of } n = T \text{ steps (after warmup)}`,
  ],
  use: 'The usual choice for runs of known length; it needs no tuning beyond the peak and adapts to the noise of the gradient. Linear decay to zero is at least as good in most comparisons; a run that may go on wants wsd.',
  relatives: {
    linear: 'straight down; its last steps are larger',
    sgdr: 'comes back to the peak after each cycle',
    wsd: 'constant for most of the run',
    exponential: 'has the same theory, and one more parameter',
    'one-cycle': 'a cosine up and a cosine down, with the momentum going the other way',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Li, Zhuang & Orabona 2021, arXiv:2002.05273, and their code',
      what: 'step t has cos(pi t / T): the first step is already below the peak and the last one has rate 0',
      ours: 'cos(pi (t - 1) / T), as PyTorch and Optax; no step is wasted',
      option: "indexing: 'one'",
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.lr_scheduler.CosineAnnealingLR',
      what: 'rises again after T_max steps',
      ours: 'stays at the floor, as Optax does',
    },
    {
      kind: 'fork',
      who: 'epfml/schedules-and-scaling, schedule cos_inf',
      what: 'ends the cosine before the run ends and holds its last rate, a tenth',
      ours: 'the cosine takes the whole run',
      option: 'floor: 0.1, hold: 4',
    },
  ],
};
