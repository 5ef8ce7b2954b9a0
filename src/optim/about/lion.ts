import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`c_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad w_{t+1} = w_t - \eta\, \bigl(\operatorname{sign}(c_t) + \lambda w_t\bigr)`,
    String.raw`m_t = \beta_2 m_{t-1} + (1 - \beta_2)\, g_t`,
  ],
  use: 'Large batches and large models where one float of state matters. Take lr 3 to 10 times smaller than for AdamW and weightDecay as much larger; for language models beta1 0.95 and beta2 0.98 are steadier.',
  relatives: {
    signum: 'there the sign is that of the momentum itself: beta1 = beta2 here',
    'lion-k': 'the same rule with other functions in the place of the sign',
    cautious: 'cautious(lion) is C-Lion: coordinates that disagree with the gradient stay where they are',
    adamw: 'two moments; its steps shrink where gradients are noisy, these never do',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.lion',
      what: 'decays by 1e-3 unless told otherwise',
      ours: 'no decay unless asked for, as the authors',
      option: 'weightDecay: 1e-3',
    },
    {
      kind: 'fork',
      who: 'lucidrains/lion-pytorch, decoupled_weight_decay',
      what: 'divides the decay by the initial lr, so that w is multiplied by 1 - lr_t / lr_0 weightDecay',
      ours: 'w is multiplied by 1 - lr_t weightDecay, as in the paper',
      option: 'weightDecay: theirs / lr',
    },
  ],
};
