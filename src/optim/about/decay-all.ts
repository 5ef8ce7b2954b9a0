import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\text{the base's decay of } w_\ell \ \text{for every tensor } \ell, \ \text{biases and norm gains included}`,
  ],
  use: 'To reproduce a run whose optimizer decayed every parameter, as one parameter group in PyTorch does. Otherwise leave it out: decaying gains and biases rarely helps.',
  relatives: {
    adamw: 'spares biases and norm gains, as every method here does without this wrapper',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim; optax 0.2.8 without a mask',
      what: 'weight decay is applied to all parameters that are given',
      ours: 'methods spare biases and norm gains by their role, the common practice in recipes',
      option: 'decayAll(adamw())',
    },
  ],
};
