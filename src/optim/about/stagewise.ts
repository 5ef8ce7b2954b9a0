import type { About } from './about.ts';

export const about: About = {
  equations: [String.raw`\eta_t = \eta\, \gamma^{\,\#\{ i :\, M_i \le t \}}, \qquad M_1, M_2 \text{ the milestones}`],
  use: 'The schedule of classical image classification, a tenth at half and at three quarters of the run. It needs its milestones tuned; cosine and linear do as well without.',
  relatives: {
    plateau: 'finds its milestones by evaluations',
    exponential: 'the same without stairs',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.lr_scheduler.MultiStepLR; optax 0.2.8, piecewise_constant_schedule',
      what: 'a milestone counts steps done, so milestone 30 changes the rate of step 31 (counted from 1)',
      ours: 'the step whose number is a milestone has the new rate, as in the code of Li, Zhuang & Orabona 2021',
      option: 'milestone1: M + 1',
    },
  ],
};
