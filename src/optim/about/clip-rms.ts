import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`g_l \leftarrow \frac{g_l}{\max(1, \mathrm{rms}(g_l) / c)}, \qquad \mathrm{rms}(g) = \lVert g \rVert / \sqrt{d}`,
  ],
  use: 'As clip-tensor, with one threshold that suits tensors of every size.',
  relatives: {
    'clip-tensor': 'its threshold is a norm, which grows with the tensor',
    adafactor: 'clips its updates so, not its gradients',
  },
};
