import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`M_t = \mu M_{t-1} + (1 - \mu)\, G_t, \qquad U_t = \mu M_t + (1 - \mu)\, G_t`,
    String.raw`X_0 = \frac{U_t}{\lVert U_t \rVert_F + 10^{-7}}, \qquad X_{k+1} = a X_k + b\, (X_k X_k^\top) X_k + c\, (X_k X_k^\top)^2 X_k`,
    String.raw`W_{t+1} = (1 - \eta \lambda)\, W_t - \eta \sqrt{\max(1, r / c)}\; X_5`,
  ],
  use: 'Hidden matrices and kernels of networks with many of them; embeddings, the head and vectors go to AdamW, whose adamLr must be tuned too. Costs five small matrix products for each matrix, so it pays where batches are large. With it, fused query-key-value weights should be three matrices.',
  relatives: {
    'muon-moonshot':
      'there the update has the root mean square of an AdamW update, so that one lr and one decay serve all tensors',
    'steepest-descent': 'under the spectral norm with size unit and momentum it is this method without Nesterov',
    scion: 'the same direction for hidden matrices, with a norm of their own for head, embeddings and vectors too',
    adago: 'there each matrix has an AdaGrad step size',
    auon: 'there a normalisation in linear time is in the place of the iterations, or one iteration (hybrid)',
    shampoo: 'one step of it without accumulation is the exact direction U V of the gradient',
  },
  disagreements: [
    {
      kind: 'fork',
      who: "Jordan's blog post and first code; Liu et al. 2025",
      what: 'the momentum is the sum mu M + G, and the look-ahead G + mu M',
      ours: 'a moving average, as the current code has it; the direction is the same but for the 1e-7 that is added to the norm',
      option: 'averaged: false',
    },
    {
      kind: 'fork',
      who: 'KellerJordan/Muon, PyTorch 2.15 (torch.optim.Muon), pytorch_optimizer 4.1.0, LIONS-EPFL/scion',
      what: 'the Newton-Schulz iterations run in bfloat16 whatever the type of the weights, which changes an update of a Gaussian matrix by one to three percent',
      ours: 'they run in the type of the weights; the fixtures run the peers in float64',
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15 and pytorch_optimizer 4.1.0',
      what: 'the norm that the iterations begin with is clamped from below by 1e-7',
      ours: '1e-7 is added to it, as in the reference code; it shows only where gradients vanish, and in the last digits',
    },
    {
      kind: 'fault',
      who: 'PyTorch 2.15, documentation of torch.optim.Muon',
      what: 'prints a momentum that is a sum; the code averages',
      ours: 'we agree with the code',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.muon',
      what: 'corrects the bias of the momentum, in the look-ahead by 1 - mu^(t+1) for M and 1 - mu^t for G, which turns the direction in the first steps',
      ours: 'no correction, as in the reference code; the fixtures undo it',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.muon',
      what: 'takes every tensor of two axes, embeddings and head included, reads it as [inputs, outputs], and hands nesterov and eps on to the AdamW of the rest',
      ours: 'hidden matrices and kernels by role, as [outputs, inputs]; AdamW stays AdamW, with an eps of its own',
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15 adjust_lr_fn, optax 0.2.8 consistent_rms, Bernstein',
      what: 'updates are scaled by sqrt(max(1, r / c)), 0.2 sqrt(max(r, c)) or sqrt(r / c)',
      ours: "Jordan's sqrt(max(1, r / c)) by default",
      option: "scale: 'moonshot' or scale: 'mup'",
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 3.5.1 to 3.9.0, Muon; right in 4.1.0',
      what: "use_adjusted_lr, documented as Moonlight's scale, gave Jordan's where it was true, and 0.2 sqrt(max(r, c)), which is Moonlight's, where it was false",
      ours: '4.1.0 has it right, and the fixtures follow it with both',
      untested: 'it is about earlier versions; 4.1.0 is tested with both values',
    },
  ],
};
