import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`n_\ell = \sum_{ij} |g_{\ell,ij}| \qquad \text{for each hidden matrix } \ell`,
    String.raw`t \ge \lceil \alpha T \rceil \text{ and } n_\ell < \tau \;\Rightarrow\; w_\ell \text{ is frozen from step } t + 1 \text{ on}`,
  ],
  use: 'Fine-tuning on little data, where matrices that have converged only overfit. The threshold has no universal scale: look at the norms of a run first. With fresh data minibatch gradients do not vanish, and nothing freezes.',
  relatives: {
    ema: 'averages the weights, which helps against noise late in a run; nothing stops',
    badam: 'trains some tensors at a time, by turns instead of by need',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Wen et al. 2025, versions 1 and 2, and 3',
      what: 'the first versions measure the gradient, the third its change from step to step',
      ours: 'the gradient, as in the abstract',
      option: "freezeMetric: 'gradient-change'",
    },
    {
      kind: 'fork',
      who: 'the official GradES code',
      what: 'measures the change of the weights between two steps, from the step after the grace period on',
      ours: 'the gradient by default',
      option: "freezeMetric: 'weight-change'",
    },
    {
      kind: 'fork',
      who: 'Wen et al. 2025 and the official code',
      what: 'thresholds of 1e-4, 0.0216, 2.4 and 0.00118 for one rule: the sum over a matrix depends on its size',
      ours: 'the sum by default, the mean on demand',
      option: "freezeNorm: 'mean'",
    },
    {
      kind: 'fork',
      who: 'the official GradES code',
      what: 'frozen matrices ask for no gradient any more, and the run ends when all are frozen',
      ours: 'flags are state of one compiled program: gradients are computed and not used, and other tensors train on',
    },
  ],
};
