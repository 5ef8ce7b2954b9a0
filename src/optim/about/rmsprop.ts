import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`v_t = \alpha v_{t-1} + (1 - \alpha)\, g_t^2, \qquad \bar g_t = \alpha \bar g_{t-1} + (1 - \alpha)\, g_t`,
    String.raw`q_t = v_t \quad \text{or, centred,} \quad q_t = v_t - \bar g_t^2`,
    String.raw`b_t = \mu\, b_{t-1} + \frac{g_t}{\sqrt{q_t} + \varepsilon}, \qquad w_{t+1} = w_t - \eta\, b_t`,
  ],
  use: "Small memory (one float), recurrent networks and reinforcement learning, where much published work used it. The first steps are 1 / sqrt(1 - alpha) times lr long, ten times with PyTorch's default: warm up, or take adam.",
  relatives: {
    adam: 'adds a first moment and corrects both for bias',
    adagrad: 'a sum in the place of the average',
    adadelta: 'scales its steps by the root mean square of past steps',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'TensorFlow, Keras 3 and Optax 0.2.8, optax.rmsprop',
      what: 'eps is added inside the root: 1e-8 there is 1e-4 outside where gradients vanish',
      ours: 'outside, as in PyTorch',
      option: 'epsInsideRoot: true',
    },
    {
      kind: 'fork',
      who: 'TensorFlow, Keras 3 and Optax 0.2.8, optax.rmsprop',
      what: 'the momentum buffer sums steps, lr inside, so that a lower lr leaves old momentum as it was',
      ours: 'it sums directions, as in PyTorch; the same for a constant lr',
      option: 'lrInBuffer: true',
    },
    {
      kind: 'fork',
      who: 'TensorFlow 1; Optax 0.2.8 by options',
      what: 'the mean square begins at 1 (TensorFlow 1, initial_scale in Optax), or is corrected for bias (Optax)',
      ours: 'it begins at 0 and is not corrected, as in PyTorch',
      option: 'initialScale: 1 or biasCorrection: true',
    },
    {
      kind: 'fault',
      who: 'PyTorch 2.15, torch.optim.RMSprop with centered=True',
      what: 'takes the root of v - mean^2 as it comes; when gradients stay constant rounding makes it negative and the parameters NaN (after 331 steps with alpha 0.9 and the gradient 0.1, in float64)',
      ours: 'the variance is cut off at 0',
    },
  ],
};
