import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`g \leftarrow g \cdot \min\!\left(1, \frac{C}{\lVert g \rVert}\right), \qquad \lVert g \rVert \ \text{over all parameters}`,
  ],
  use: 'A safety net around any optimizer whose step grows with its gradient. Methods with a normalised step (sign, Muon) hardly notice it. Put it inside accumulate, accumulate(clip(sgd)), so that the mean is clipped and not each micro-batch.',
  relatives: {
    'clip-tensor': 'a bound for each tensor',
    'clip-agc': 'bounds relative to the weights',
    'clip-value': 'element by element, which turns the gradient',
    'sgd-clip': 'clips the step of SGD, momentum included',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.nn.utils.clip_grad_norm_',
      what: 'multiplies by min(1, C / (|g| + 1e-6))',
      ours: "the paper's C / |g|, as Optax has it",
      option: "clipForm: 'pytorch'",
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, clip_grad_norm_ with error_if_nonfinite; optax 0.2.8, apply_if_finite',
      what: 'a norm that is not finite can be an error, or a step that is not taken',
      ours: 'everything becomes NaN, so that the run is seen to diverge',
      option: "nonFinite: 'skip'",
    },
  ],
};
