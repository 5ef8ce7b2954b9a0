import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\lambda_t = (\eta + \varepsilon) \sqrt{t}, \qquad \nu_t = \nu_{t-1} + \lambda_t\, g_t^2, \qquad s_t = s_{t-1} + \lambda_t\, g_t`,
    String.raw`z_t = w_0 - \frac{s_t}{\sqrt[3]{\nu_t} + \varepsilon}, \qquad w_{t+1} = \mu\, w_t + (1 - \mu)\, z_t`,
  ],
  use: 'Where SGD generalises better than Adam and yet scales differ (vision, sparse inputs). Tune lr anew, and take far less weight decay than with Adam. Without momentum it suits sparse gradients and keeps two floats instead of three.',
  relatives: {
    adagrad:
      'a square root, no growing weights, and steps from where it stands instead of from the start: its steps fade, these do not',
    'mirror-madgrad': 'the same weights without the anchor at the start',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Defazio & Jelassi 2021, Algorithm 1',
      what: 'has lr in the weights where the code has lr + eps',
      ours: "lr + eps, as the authors' code and Optax: 1e-6 by default",
      option: "form: 'paper'",
    },
    {
      kind: 'fault',
      who: 'facebookresearch/madgrad, MADGRAD with momentum 0 and eps 0, which its docstring recommends for very small gradients',
      what: 'divides 0 by 0 where it rebuilds the start in its first step: all parameters become NaN',
      ours: 'what has seen no gradient stays where it is, as pytorch_optimizer 4.1.0 does too',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.madgrad',
      what: 'takes the root of the step number in float32, also for float64 parameters; with eps 0 a parameter that has seen no gradient becomes 0 / 0, NaN',
      ours: 'the root is float64, which is the one line that the trajectory changes; what has seen no gradient stays where it is',
    },
    {
      kind: 'fork',
      who: 'facebookresearch/madgrad and pytorch_optimizer 4.1.0, decoupled decay',
      what: 'offered as an experiment; with momentum the next steps pull back towards the undecayed iterate, so it decays less than it says',
      ours: 'the same where asked for; L2 by default, as in the paper',
      option: "decay: 'decoupled'",
    },
  ],
};
