import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2`,
    String.raw`u = \frac{\hat m}{\sqrt{\hat v} + \varepsilon} + \lambda\, w`,
    String.raw`w_\ell \leftarrow w_\ell - \eta\, \frac{\phi(\|w_\ell\|)}{\|u_\ell\|}\, u_\ell \qquad \text{for each tensor } \ell`,
  ],
  use: 'Very large batches, where one rate for all layers is either too small for some or too large for others. lr is the relative length of a step. At small batches it gives no such gain over adamw.',
  relatives: {
    adamw:
      'the step is not rescaled there; where |w| or |u| is 0, and on biases and gains, the two are one (but for the decay)',
    lars: 'the same idea on momentum SGD, without second moments',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Lamb',
      what: 'the moments are not corrected for their bias before the ratio is taken, so that the first directions differ',
      ours: 'corrected, as in Algorithm 2 and in TensorFlow Addons',
      option: 'biasCorrection: false',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, Lamb without adam_debias',
      what: 'after the ratio was taken the step is divided by 1 - beta1^t, so the first step is ten times lr |w| long',
      ours: 'a step is lr |w| long at every t; with adam_debias=True it is so there too',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Lamb',
      what: '|w| is clamped to 10',
      ours: 'not bounded, as in the experiments of the paper',
      option: 'phiMax: 10',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, weight_decouple=True',
      what: 'decay shrinks w apart from the direction and before |w| is taken, so it does not go through the ratio',
      ours: 'inside the direction, as in Algorithm 2',
      option: "decay: 'outside'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Lamb with pre_norm',
      what: 'the gradient is first scaled down to a global norm of 1',
      ours: 'the gradient is used as it is; clip around lamb scales it down',
      option: 'clipByGlobalNorm(lamb(), { maxNorm: 1 })',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Lamb',
      what: 'eps is added to |u| too',
      ours: 'not; with an eps of 1e-14 the trajectories agree',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.lamb',
      what: 'all tensors are rescaled, biases and gains too, unless they are masked',
      ours: 'biases and norm gains are not rescaled and not decayed; decay-all(lamb) does both',
      option: 'decayAll(lamb())',
    },
  ],
};
