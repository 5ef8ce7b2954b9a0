import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`g_t \leftarrow g_t + \sigma_t z_t, \qquad z_t \sim \mathcal N(0, I), \qquad \sigma_t^2 = \frac{\eta}{t^{\gamma}}`,
  ],
  use: 'For deep networks that training does not get started with, or that begin at a bad place (zeros, saddles). On well-initialised networks it mostly slows the last digits down. noiseVariance must fit the size of the gradients.',
  relatives: {
    sam: 'moves the point of the gradient, not the gradient',
    egd: 'its samplers add noise in proportion to the weights',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Neelakantan et al. 2015, eq. 1; optax 0.2.8, optax.add_noise',
      what: 'the paper counts steps from 0 and divides by (1 + t)^gamma, Optax counts from 1 and divides by t^gamma',
      ours: "Optax's count; the sequence is the same",
    },
  ],
};
