import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`d_1 = w, \qquad h_j = \nabla L_j(d_j), \qquad d_{j+1} = \Pi_\epsilon\left(d_j - \eta \operatorname{sign} h_j\right), \quad j = 1, \dots, M`,
    String.raw`w \leftarrow \Pi_\epsilon\!\left(w - \eta \operatorname{sign} \frac1M \sum_j h_j\right), \qquad \text{or } v \leftarrow \mu v + \frac{\bar h}{\lVert \bar h \rVert_1},\ \ w \leftarrow \Pi_\epsilon(w - \eta \operatorname{sign} v)`,
  ],
  use: 'Universal adversarial perturbations and privacy cloaks, where the parameters are one perturbation for all images: many small batches along a scratch path give a steadier sign than one batch. As an optimizer of networks it is SignSGD with a look ahead; set radius to 0.',
  relatives: {
    signsgd: 'one gradient, one sign; this with innerBatches 1 and radius 0',
    accumulate: 'averages gradients at one point, as preSearch: false does',
    lookahead: 'keeps a share of the scratch path instead of throwing it away',
  },
};
