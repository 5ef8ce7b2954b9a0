import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m = \beta_1\, \operatorname{decode}(c_m) + (1 - \beta_1)\, g, \qquad v = \beta_2\, \operatorname{decode}(c_v) + (1 - \beta_2)\, g^2`,
    String.raw`w \leftarrow (1 - \eta \lambda) \left( w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} \right)`,
    String.raw`a_B = \max_{i \in B} |x_i|, \qquad c_i = \operatorname*{arg\,min}_{j}\, \bigl| q_j - x_i / a_B \bigr|, \qquad \operatorname{decode}(c)_i = q_{c_i}\, a_B`,
  ],
  use: 'Adam where a quarter of its state must do: two bytes for each parameter. Set unsignedZero to false unless you must follow the published map: with 0 in the map of the second moment, units whose gradients die can make a run explode.',
  relatives: {
    adam: 'the same steps with float moments; tensors below minSize take exactly that',
    adafactor: 'saves second moments by factoring them, and keeps no first moment',
    'adam-mini': 'saves second moments by sharing them',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Dettmers et al. 2022, bitsandbytes',
      what: 'the map of the second moment holds 0: what is below 1.6e-7 of the largest v of a block becomes 0 while its m does not, and a gradient of 0 after that makes a step of m / eps',
      ours: '0 is in the map by default, as published and as others run it; a map without 0 on demand, as later 4-bit work has it',
      option: 'unsignedZero: false',
    },
    {
      kind: 'fork',
      who: 'bitsandbytes',
      what: 'blocks of 256 elements; the paper has 2048',
      ours: "the paper's",
      option: 'blockSize: 256',
    },
    {
      kind: 'fork',
      who: 'bitsandbytes',
      what: 'the code of m is moved by one where rounding flipped or lost its sign, and gradients that are not finite leave a state of 0',
      ours: 'the nearest code, which for small m is that of 0; what is not finite stays so, and the run is seen to diverge',
    },
    {
      kind: 'fork',
      who: 'bitsandbytes, Adam8bit',
      what: 'weight decay shrinks the weights after the step, in Adam8bit as in AdamW8bit; there is no L2 form',
      ours: 'the same',
    },
    {
      kind: 'fork',
      who: 'bitsandbytes',
      what: 'also offers linear and quantile maps, one scale for a whole tensor, and clipping of gradients at a percentile of their last norms',
      ours: 'linear maps for comparison: their error on second moments is several times as large; a block as long as the tensor has one scale; clipping is a wrapper',
      option: "map: 'linear'",
    },
  ],
};
