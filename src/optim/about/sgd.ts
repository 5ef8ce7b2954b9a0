import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`b_1 = g_1, \qquad b_t = \mu\, b_{t-1} + (1 - d)\, g_t`,
    String.raw`w_{t+1} = w_t - \eta\, b_t \qquad \text{(heavy ball)}`,
    String.raw`w_{t+1} = w_t - \eta\, (g_t + \mu\, b_t) \qquad \text{(Nesterov)}`,
  ],
  use: 'Convolutional networks with batch norm, convex problems, and as the base line that any other method has to beat. One float of state with momentum, none without. It needs a schedule and a tuned lr, and does badly where gradients differ in scale from tensor to tensor (transformers).',
  relatives: {
    adam: 'divides each coordinate by the root of its mean squared gradient',
    signum: 'steps along the sign of the buffer',
    'adagrad-norm': 'plain SGD whose lr sets itself',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Sutskever et al. 2013; Keras 3, keras.optimizers.SGD',
      what: 'the learning rate is inside the buffer, b = momentum b + lr g, so that a lower lr leaves old momentum as it was',
      ours: 'outside, as in PyTorch and Optax; the same for a constant lr',
      option: 'lrInBuffer: true',
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.SGD',
      what: 'the first gradient enters the buffer whole, whatever `dampening` is; an average would dampen it too',
      ours: 'as PyTorch',
    },
  ],
};
