import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\bar g \leftarrow \bar g + \frac{g_j - \bar g}{j}, \quad j = 1, \dots, k \text{ at one } w; \qquad \text{at } j = k \text{ the base steps with } \bar g`,
  ],
  use: 'A larger batch than memory holds. k micro-batches of B / k examples give the trajectory of one batch of B for every method without batch statistics. Clipping goes inside, accumulate(clip(sgd)): then the mean is clipped, and not each micro-batch.',
  relatives: {
    'adaptive-batch': 'decides itself how many minibatches an update takes',
    clip: 'inside accumulate it clips the mean; around it, each micro-batch',
    sga: 'moves a scratch copy between the gradients it averages',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.MultiSteps',
      what: 'accumulates in float32 by default, whatever the parameters are',
      ours: 'in the type of the parameters; the fixtures set its accumulator_dtype',
    },
    {
      kind: 'fork',
      who: 'training loops that divide each loss by k',
      what: 'a mean of means counts unequal micro-batches (the last of an epoch, sequences with padding) alike instead of by their sizes',
      ours: 'micro-batches are of one size by construction, so the mean of means is the mean',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, MultiSteps with should_skip_update_fn',
      what: 'can drop a micro-batch whose gradient is not finite, or large, as if it had never been',
      ours: 'a gradient that is not finite reaches the base; with clip around the base and nonFinite "skip" the whole step is left out, the other micro-batches with it',
    },
  ],
};
