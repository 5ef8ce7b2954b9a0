import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \eta \cdot r_t, \qquad r_t = \begin{cases} t / W & t \le W \\ 1 & t > W \end{cases}`,
    String.raw`\text{other warmups, } s = t - 1: \quad \tfrac{s}{W}, \quad \tfrac{s}{W} + \tfrac{1}{100}\left(1 - \tfrac{s}{W}\right), \quad \tfrac12 \left(1 - \cos \tfrac{\pi s}{W}\right), \quad 1 - e^{-t / W} \text{ (for all } t)`,
  ],
  use: 'Where the run has no planned end, for methods that anneal themselves (schedule-free ones, averages of weights), and as the baseline that every schedule should beat. With noisy gradients its last iterate stays as far from the minimum as the noise keeps it.',
  relatives: {
    wsd: 'the same with a cooldown at the end, which can begin at any checkpoint',
    linear: 'decays from the start',
    plateau: 'constant until evaluations cease to improve',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Hugging Face get_constant_schedule_with_warmup, pytorch_optimizer 4.1.0 linear warmup schedulers',
      what: 'warm up by s / W with s steps done, so that the first step has rate 0 and does nothing',
      ours: 't / W: the first step counts, and the full rate comes one step sooner',
      option: "warmupForm: 'zero-based'",
    },
    {
      kind: 'fork',
      who: 'epfml/schedules-and-scaling; PyTorch 2.15, torch.optim.lr_scheduler.LinearLR',
      what: 'warm up from a share of the rate, 1 / 100 and 1 / 3 by default',
      ours: 'from 1 / W; with a hundredth by option',
      option: "warmupForm: 'hundredth'",
    },
  ],
};
