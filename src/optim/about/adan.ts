import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`d_t = g_t - g_{t-1} \quad (d_1 = 0)`,
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \quad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, d_t, \quad n_t = \beta_3 n_{t-1} + (1 - \beta_3)\,(g_t + \beta_2 d_t)^2`,
    String.raw`u_t = \frac{\hat m_t + \beta_2 \hat v_t}{\sqrt{\hat n_t} + \varepsilon}, \qquad w_{t+1} = \frac{w_t - \eta\, u_t}{1 + \eta \lambda}`,
  ],
  use: 'For training vision transformers and convolutional networks with large batches, at the price of four floats for each parameter. It bears a larger lr than AdamW.',
  relatives: {
    adamw: 'has no difference term; with beta2 0 and no decay this is Adam',
    nadamw: 'looks ahead along the momentum instead of by the difference of gradients',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'optax 0.2.8, optax.adan',
      what: 'keeps the betas of the code (0.98, 0.92, 0.99) but weights the difference by 1 - b2, as the paper writes it for its own betas, which are one minus these: 0.08 in the place of 0.92',
      ours: 'beta2, as in the paper and the code of the authors; with b2 = 0.5 the two agree',
    },
    {
      kind: 'fault',
      who: 'optax 0.2.8, optax.adan',
      what: 'documents the proximal decay but subtracts lr weightDecay w',
      ours: 'the proximal decay of the paper',
      option: "decay: 'decoupled'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.adan',
      what: 'adds eps_root = 1e-8 under the root by default',
      ours: 'nothing under the root',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, Adan with max_grad_norm',
      what: 'takes the norm in float32 whatever the type of the parameters is, and raises an error where a parameter is 0-d',
      ours: 'the norm in the precision of the gradient; any shape',
    },
  ],
};
