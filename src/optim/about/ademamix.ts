import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \quad s_t = \beta_3(t)\, s_{t-1} + (1 - \beta_3(t))\, g_t, \quad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`\alpha(t) = \alpha \min(t / T, 1), \qquad \frac{1}{\ln \beta_3(t)} = \frac{1 - t/T}{\ln \beta_1} + \frac{t/T}{\ln \beta_3}`,
    String.raw`w_{t+1} = w_t - \eta \left( \frac{\hat m_t + \alpha(t)\, s_t}{\sqrt{\hat v_t} + \varepsilon} + \lambda w_t \right)`,
  ],
  use: 'For long runs (tens of thousands of steps) of models that gain from very old gradients, language models above all. In short runs take beta3 0.999 or less, or adamw: a slow average that never fills is of no use.',
  relatives: {
    adamw: 'has the fast average only; with alpha 0 this is AdamW',
    adan: 'adds the change of the gradient, not its distant past',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'apple/ml-ademamix, PyTorch',
      what: 'adds 1e-8 to the betas inside the logarithm of the half-life, which moves the trajectory by about 1e-7; its default alpha is 2, its README says 8, the paper 4 to 10; no warmup unless asked for',
      ours: 'the closed form without the addend, alpha 5, and by default warmups over the whole run, as in the paper',
      option: 'alphaWarmup: 0, beta3Warmup: 0',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.ademamix',
      what: 'evaluates its schedules at the number of steps done, so the first step has alpha 0',
      ours: 't counts from 1, as in the paper',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdEMAMix',
      what: 'weight_decay is L2 regularisation in the gradient unless weight_decouple is set; the paper decouples it',
      ours: 'decoupled, times lr: its weight_decouple=True',
    },
  ],
};
