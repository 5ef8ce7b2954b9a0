import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`w_{t+1} = w_t \odot e^{-\eta\, \mathrm{sign}(w_t) \odot g_t} \ \text{(signed)}`,
    String.raw`w_{t+1} = \frac{w_t \odot e^{-\eta g_t}}{\sum_i w_{t,i}\, e^{-\eta g_{t,i}}} \ \text{(simplex)}`,
  ],
  use: "Models whose weights must keep their signs (Dale's law), and, as 'simplex', mixture weights and experts. It cannot leave zero: nothing may begin there, as logistic-mnist does.",
  relatives: {
    'eg-pair': 'weights of either sign, as a difference of two positive ones',
    sgd: 'adds; to first order the signed form is SGD with a step of lr |w| for each weight',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Shetty et al. 2025, versions 1 and 2, and their code',
      what: 'version 1 has one multiplicative sampler, version 2 and the code a sign-preserving and an unconstrained one',
      ours: 'both, as the functions daleLangevinStep and multiplicativeLangevinStep',
    },
  ],
};
