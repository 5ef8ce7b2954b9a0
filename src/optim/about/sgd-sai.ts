import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\gamma_\ell = \frac{\|g_{1,\ell}\|}{\operatorname{std}(g_{1,\ell}) + \varepsilon} \qquad \text{once, for each tensor } \ell`,
    String.raw`m_1 = g_1, \qquad m_t = \mu\, m_{t-1} + (1 - \mu)\, g_t`,
    String.raw`w_\ell \leftarrow (1 - \eta \lambda)\, w_\ell - \eta\, \gamma_\ell\, m_\ell`,
  ],
  use: 'Half the state of Adam: momentum and one number for each tensor. The factor is nearly the root of the number of elements, so think of it as SGD whose rates grow with the size of a tensor; it does not adapt later.',
  relatives: {
    sgd: 'one rate for all tensors',
    adam: 'adapts the rate of every element throughout',
    lars: 'rates for each layer from the sizes of weights and gradients, at every step',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'AnonymousAlethiometer/SGD_SaI, momentum=0',
      what: 'reads a momentum buffer that it did not make',
      ours: 'steps along the gradient',
    },
    {
      kind: 'fork',
      who: 'AnonymousAlethiometer/SGD_SaI',
      what: 'a tensor of one element has no deviation and gets the factor 0: it never moves',
      ours: 'the same by default',
      option: 'fallback: 1',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, SGDSaI',
      what: "tensors with fewer than two axes, or with one row, get |g| as their factor, without a deviation; the momentum begins at 0 where the authors' begins at the first gradient, so that the first step is a tenth of theirs",
      ours: "the authors' rule for every tensor; with both lines changed the trajectories agree",
    },
  ],
};
