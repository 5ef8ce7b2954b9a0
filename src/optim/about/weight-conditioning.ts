import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\hat W = E W, \qquad E = \mathrm{diag}\!\left(\frac{1}{\lVert W_i \rVert}\right), \qquad \frac{\partial L}{\partial W_i} = \frac{G_i - (G_i \cdot \hat W_i)\,\hat W_i}{\lVert W_i \rVert}, \qquad G = \frac{\partial L}{\partial \hat W}`,
  ],
  use: 'For networks whose hidden rows differ much in scale; it makes the loss independent of those scales. Models that rely on the size of their weights (no normalisation, few layers) lose expressiveness, since there is no gain. In model code, conditionedWeight does it layer by layer.',
  relatives: {
    muon: 'equalises the singular values of the update instead of the rows of the weight',
    'clip-agc': 'also works by rows, on gradients',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Saratchandran et al. 2024',
      what: 'the row norms may count as constants in back-propagation or not; what we read did not settle it',
      ours: 'derivatives go through E, as automatic differentiation of the layer does',
      option: 'detachNorm: true',
    },
  ],
};
