import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`G_i \leftarrow \lambda \frac{\max(\lVert W_i \rVert, \varepsilon)}{\lVert G_i \rVert}\, G_i \qquad \text{where } \lVert G_i \rVert > \lambda \max(\lVert W_i \rVert, \varepsilon)`,
  ],
  use: 'For networks without normalisation, with large batches and learning rates. agcRatio between 0.01 and 0.16, smaller for larger batches.',
  relatives: {
    clip: 'one absolute threshold for all',
    'clip-tensor': 'absolute thresholds by tensor',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, adaptive_grad_clip',
      what: 'a unit is a column of a matrix, since its matrices are [in, out]',
      ours: 'a row, since ours are [out, in]; the same units',
    },
    {
      kind: 'fork',
      who: 'timm, adaptive_clip_grad; optax 0.2.8; pytorch_optimizer 4.1.0, agc',
      what: 'clip every tensor they are given',
      ours: 'the head is left alone, as section 4 of the paper has it',
      option: 'clipHead: true',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, unit_norm',
      what: 'a tensor [out, in, k] is reduced over its second axis alone, as its docstring says: each position of a kernel of one dimension is a unit, unlike those of two dimensions',
      ours: 'a unit is an output, whatever the number of axes',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8 and timm; pytorch_optimizer 4.1.0',
      what: 'norms of gradients below 1e-6 are floored',
      ours: 'no floor is needed: a gradient is divided by max(1, |G| / bound)',
    },
  ],
};
