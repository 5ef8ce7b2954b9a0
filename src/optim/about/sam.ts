import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`e_t = \rho\, \frac{T^2 g(w_t)}{\lVert T g(w_t) \rVert}, \qquad T = \mathrm{diag}(1) \ \text{(SAM)}, \quad T = \mathrm{diag}(|w_t| + \eta) \ \text{(ASAM)}`,
    String.raw`w_{t+1} = \text{the base's step from } w_t \text{ with } g(w_t + e_t)`,
  ],
  use: 'Where test error lags behind training error: vision models on little data above all. Each step costs two gradients, so compare it with twice the steps of the base. Large rho underfits; ASAM, which does not depend on the scale of the weights, wants a rho ten times as large.',
  relatives: {
    'gradient-regularization':
      'adds a part of the second gradient instead of replacing the first by it; without the norm the two are one rule',
    mesa: 'the same aim at the price of a forward pass: a divergence from the outputs of an averaged model',
    xgrad: 'takes the gradient at another point too, ahead instead of uphill',
    swa: 'finds wide minima by averaging weights, with no gradients beyond those of the base',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Kwon et al. 2021 and SamsungLabs/ASAM; davda54/sam and pytorch_optimizer 4.1.0, SAM with adaptive',
      what: "the authors scale by |w| + 0.01, in tensors named 'weight' only, and by 1 elsewhere; the others scale every tensor by |w|, so that a weight of 0 is not perturbed",
      ours: "plain SAM by default, and both forms of ASAM; of |w| + eta only biases are spared, which have another name in the authors' models",
      option: "scaling: 'weights' or scaling: 'weights+eta'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.sam',
      what: 'by default one gradient a call: the ascent and the step are of two minibatches unless the caller repeats one, and a run has half as many steps',
      ours: 'one step, both gradients of one minibatch, as in Algorithm 1; that is their opaque_mode',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.normalize',
      what: 'divides by the bare norm, so that a gradient of 0 makes NaN',
      ours: '1e-12 is added to the norm, as in davda54/sam: where the gradient is 0 nothing moves',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, get_global_gradient_norm',
      what: 'the norm of float64 gradients is rounded to float32',
      ours: 'the norm has the precision of the parameters',
    },
    {
      kind: 'fork',
      who: 'Karakida et al. 2023, arXiv:2210.02720, and others who study SAM without its norm',
      what: 'e = rho g, which is easier to analyse; it stays at sharp minima that SAM leaves, where the gradient vanishes and the perturbation with it',
      ours: 'the norm of the paper',
      option: 'normalized: false',
    },
  ],
};
