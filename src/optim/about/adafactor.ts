import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\hat\beta_t = 1 - t^{-0.8}, \qquad Q = g^2 + \varepsilon_1`,
    String.raw`R \leftarrow \hat\beta_t R + (1 - \hat\beta_t)\, \tfrac1c\, Q \mathbf 1, \qquad C \leftarrow \hat\beta_t C + (1 - \hat\beta_t)\, \tfrac1r\, \mathbf 1^\top Q`,
    String.raw`U = g \Big/ \sqrt{R\, C / \operatorname{mean}(R)}, \qquad U \leftarrow U / \max(1, \operatorname{RMS}(U) / d)`,
    String.raw`w \leftarrow w - \max(\varepsilon_2, \operatorname{RMS}(w))\, \min(\eta, t^{-1/2})\, U`,
  ],
  use: 'When second moments do not fit in memory: a matrix of r rows and c columns keeps r + c numbers. Without momentum it learns more slowly than Adam where momentum matters; momentum brings one float per parameter back.',
  relatives: {
    adam: 'keeps every second moment, and momentum; there is no clipping of the update and no relative step',
    'subset-norm': 'one number for each row or column, not a product of both',
    'adam-mini': 'one second moment for each row, with momentum',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Shazeer & Stern 2018 and their code',
      what: 'the paper keeps sums of rows and columns, the code means',
      ours: 'means; the update is the same',
    },
    {
      kind: 'fork',
      who: 'the authors, optax 0.2.8',
      what: 'tensors are factored over their two largest axes, and only if both have 128 elements or more',
      ours: 'over the last two axes, by default whatever their size, as in PyTorch',
      option: 'factorFrom: 128',
    },
    {
      kind: 'fork',
      who: 'torch 2.15, torch.optim.Adafactor',
      what: 'weight decay is times lr, also when 1 / sqrt(t) is the smaller of the two and bounds the step; squared gradients are bounded from below at the end in the place of an added eps1',
      ours: 'decay is times the step size min(lr, 1 / sqrt(t)); with that line changed the trajectories agree. The paper has no decay',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.adafactor',
      what: 'lr is not bounded by 1 / sqrt(t), 1 - t^-0.8 is computed in float32, decay is not times the step size',
      ours: 'with a given rate the chains agree once the exponent is float64',
      option: 'relativeStep: false',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdaFactor',
      what: 'momentum of 0.9 by default, kept in bfloat16; the decay of the second moment is at most 0.999',
      ours: 'no momentum by default; it has the type of the parameters',
      option: 'momentum: 0.9',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer, its repository in January and February 2026 (after 3.9.0); right in 3.9.0 and in 4.1.0',
      what: 'updates were divided by min(1, RMS(U) / d): never clipped, and small ones magnified',
      ours: 'divided by max(1, RMS(U) / d): an update below the threshold is left alone',
      untested: 'it is about an earlier version; that 4.1.0 and we leave small updates alone is tested',
    },
    {
      kind: 'fork',
      who: 'Shazeer & Stern 2018, section 9',
      what: 'their warmup replaces the bound 1e-2 by 1e-6 t',
      ours: 'that is a linear warmup over 10000 steps of lr 1e-2: a schedule around this method',
    },
  ],
};
