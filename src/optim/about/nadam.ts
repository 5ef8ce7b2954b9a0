import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\mu_t = \beta_1 \bigl(1 - \tfrac12\, 0.96^{t \psi}\bigr), \qquad P_t = \mu_1 \cdots \mu_t`,
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`w_{t+1} = w_t - \frac{\eta}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon} \left( \frac{1 - \mu_t}{1 - P_t}\, g_t + \frac{\mu_{t+1}}{1 - P_{t+1}}\, m_t \right)`,
  ],
  use: 'Where adam does well and a little faster progress on smooth losses is wanted. Its gradient enters the step directly, so small batches make it noisier than adam.',
  relatives: {
    adam: 'no look-ahead',
    nadamw: 'no momentum schedule, decoupled decay: the form of AlgoPerf',
    adan: "Nesterov's momentum in another form, with differences of gradients",
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.NAdam, and Keras 3, keras.optimizers.Nadam',
      what: 'the first moment is averaged with beta1 although its corrections 1 - P_t are those of an average with mu_t, so m is not unbiased',
      ours: "as PyTorch by default, since that is what people run; variant: 'paper' averages with mu_t",
    },
    {
      kind: 'fork',
      who: 'Dozat 2016, Algorithm 2',
      what: 'multiplies the corrected second moment by beta2; no implementation that we read does',
      ours: 'without the factor',
      option: "variant: 'paper'",
    },
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.nadam and optax.nadamw',
      what: 'no momentum schedule: beta1 m / (1 - beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t)',
      ours: 'the schedule of the paper',
      option: "variant: 'optax'",
    },
    {
      kind: 'fault',
      who: 'Keras 3, keras.optimizers.Nadam',
      what: 'the momentum schedule runs as 0.96^t where the paper has 0.96^(t / 250), so it is over after a hundred steps; the documentation calls its eps "epsilon hat", but the code adds it after the bias correction',
      ours: 'momentumDecay 0.004 = 1 / 250, as in the paper and PyTorch',
      option: 'momentumDecay: 1, eps: 1e-7',
    },
  ],
};
