import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`\tilde v_t = \max(\tilde v_{t-1}, v_t), \qquad w_{t+1} = w_t - \eta\, \frac{m_t}{\sqrt{\tilde v_t} + \varepsilon} \qquad \text{(paper)}`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{m_t / (1 - \beta_1^t)}{\sqrt{\tilde v_t / (1 - \beta_2^t)} + \varepsilon} \qquad \text{(PyTorch)}`,
    String.raw`\tilde v_t = \max\Bigl(\tilde v_{t-1}, \frac{v_t}{1 - \beta_2^t}\Bigr), \qquad w_{t+1} = w_t - \eta\, \frac{m_t / (1 - \beta_1^t)}{\sqrt{\tilde v_t} + \varepsilon} \qquad \text{(Optax)}`,
  ],
  use: 'For problems like its counterexamples, where rare large gradients carry the signal and Adam forgets them, and where a convergence proof is wanted. In deep learning it rarely beats adam, and one early huge gradient slows a coordinate for good. The theory wants lr / sqrt(t).',
  relatives: {
    adam: 'forgets: on period-3 linear losses it goes to the worst point of its interval, this method to the best',
    adamax: 'its maximum decays',
    yogi: 'lets the second moment fall, but slowly',
    'opt-amsgrad': 'a further step along a prediction of the next gradient',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Reddi, Kale & Kumar 2018, Algorithm 2',
      what: 'corrects no bias, has no eps, decreases lr with sqrt(t) and lets beta1 fade',
      ours: "PyTorch's form by default; how lr falls is a schedule's business",
      option: "variant: 'paper', eps: 0, beta1Decay: 0.99",
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.Adam(amsgrad=True)',
      what: 'takes the maximum over uncorrected second moments and corrects it afterwards with the factor of this step, so the denominator shrinks in the first steps, which the maximum was to prevent',
      ours: 'as PyTorch by default, since that is what people run',
      option: "variant: 'pytorch'",
    },
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.amsgrad',
      what: 'takes the maximum over corrected second moments, so the inflated estimates of the first steps stay for good',
      ours: "PyTorch's form by default",
      option: "variant: 'optax'",
    },
  ],
};
