import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`g_l \leftarrow g_l \cdot \min\!\left(1, \frac{C_l}{\lVert g_l \rVert}\right), \qquad C_l = C, \quad C \sqrt{1 / L} \quad\text{or}\quad C \sqrt{d_l / d}`,
  ],
  use: "Where one tensor explodes and the others should not pay for it; with clipShare 'uniform' or 'proportional' the whole is no longer than the bound, as private training needs.",
  relatives: {
    clip: 'one norm for all',
    'clip-rms': 'a bound that does not depend on the size of a tensor',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'McMahan et al. 2018; optax 0.2.8, per_example_layer_norm_clip',
      what: 'the bound of a tensor is C / sqrt(L), or C sqrt(d_l / d)',
      ours: 'C itself by default; both shares as options',
      option: "clipShare: 'uniform'",
    },
  ],
};
