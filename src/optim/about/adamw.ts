import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`w_{t+1} = (1 - \eta_t \lambda)\, w_t - \eta_t\, \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon} \qquad \text{(library)}`,
    String.raw`w_{t+1} = \Bigl(1 - \frac{\eta_t}{\eta_0} \lambda\Bigr) w_t - \dots \qquad \text{(original)}`,
  ],
  use: 'The first thing to try for transformers and most other networks. Tune lr and weightDecay together: in the library coupling their product is what decays the weights. With eps 0 its trajectory does not depend on the scale of each coordinate of the gradient.',
  relatives: {
    adam: 'its weight decay is part of the gradient, so that coordinates with large gradients decay less',
    nadamw: 'looks ahead along the first moment',
    lion: 'steps along the sign of a blend of momentum and gradient, with half the state',
    'schedule-free-adamw': 'averages iterates instead of following a schedule',
  },
  disagreements: [
    {
      kind: 'fork',
      who: "Loshchilov & Hutter 2019, Algorithm 2, and the authors' code",
      what: 'the decay is multiplied by the schedule alone and not by the learning rate: w (1 - eta_t lambda), eta_t = lr_t / lr_0',
      ours: "the coupling of PyTorch, Optax and Keras by default: w (1 - lr_t lambda); they agree when our weightDecay is the paper's over lr_0 (1e-4 with lr 5e-4 is 0.2)",
      option: "coupling: 'original'",
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.AdamW; Optax 0.2.8, optax.adamw',
      what: 'every tensor is decayed unless the user groups or masks parameters; the defaults of weight_decay are 1e-2 and 1e-4',
      ours: 'biases and norm gains are spared by their role, as training scripts usually do; the default is 1e-2',
      option: 'decayAll(adamw())',
    },
  ],
};
