import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`b = \pi\bigl(\lfloor (t - 1) / K \rfloor \bmod B\bigr), \qquad k = (t - 1) \bmod K + 1, \qquad m = v = 0 \text{ at } k = 1`,
    String.raw`m \leftarrow \beta_1 m + (1 - \beta_1)\, \nabla_{b} L(w), \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, (\nabla_{b} L(w))^2`,
    String.raw`w_b \leftarrow (1 - \eta \lambda)\, w_b - \eta\, \frac{m / (1 - \beta_1^k)}{\sqrt{v / (1 - \beta_2^k)} + \varepsilon}`,
  ],
  use: 'Fine-tuning where even the gradient of the whole model does not fit: one layer is trained at a time, backpropagation ends there, and moments exist for that layer alone. Where memory allows adamw, that is better.',
  relatives: {
    adamw: 'all layers at once; with a single block that never ends its turn the two are one',
    frugal: "selector 'blockwise' takes turns too, and the other matrices go on by sign descent",
    'galore-adam': 'saves memory by projecting every gradient instead',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'Ledzy/BAdam, block_optim.py',
      what: 'the turn changes when (step + 1) mod K is 0, so the first block has K - 1 steps',
      ours: 'every turn has K steps',
    },
    {
      kind: 'fork',
      who: 'Luo, Yu & Li 2024 and their code',
      what: 'turns of 100 steps in the paper, 50 in the code; random order in the paper, the last layer first in the code',
      ours: '100 steps, the last layer first',
      option: "period: 50 or order: 'random'",
    },
    {
      kind: 'fork',
      who: 'Ledzy/BAdam',
      what: 'the active block has a float32 copy that is written back in bfloat16',
      ours: 'parameters are float32 throughout',
      untested: 'here all parameters are float32, so there is nothing to copy',
    },
  ],
};
