import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`\eta_t = \operatorname{clip}\!\left( \frac{\eta \sqrt{1 - \beta_2^t}}{(1 - \beta_1^t)(\sqrt{v_t} + \varepsilon)},\; \eta_\infty \Bigl(1 - \frac{1}{\gamma t + 1}\Bigr),\; \eta_\infty \Bigl(1 + \frac{1}{\gamma t}\Bigr) \right)`,
    String.raw`w_{t+1} = w_t - \eta_t\, m_t`,
    String.raw`\text{AMSBound: } \max(v_1, \dots, v_t) \text{ in the place of } v_t`,
  ],
  use: 'For runs that profit from the start of Adam and the end of SGD; set finalLr as you would set the lr of SGD times 1 / (1 - beta1). With the default gamma the band is still wide after a thousand steps: in short runs it is Adam.',
  relatives: {
    adam: 'its rates are not clipped; with gamma near 0 this is Adam with eps beside the uncorrected root',
    amsgrad: 'the same largest second moment, without the band: AMSBound is both',
    sgd: 'what is left at the end: momentum with the rate finalLr (1 - beta1)',
    adamod: 'caps rates too, by their own average instead of a fixed band',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Luo et al. 2019, Algorithms 2 and 3, against the code of the authors (Luolc/AdaBound)',
      what: 'the paper corrects no bias and divides the clipped rate by sqrt(t), which its regret bound needs; the code corrects both biases inside the clip and divides by nothing',
      ours: "the code's form, which the experiments used",
      option: "form: 'paper'",
    },
    {
      kind: 'fork',
      who: 'Luolc/AdaBound, AdaBoundW',
      what: 'shrinks w by weightDecay alone, not times lr; AdaBound of the same repository adds the decay to the gradient',
      ours: 'in the gradient, as in AdaBound',
      option: "decay: 'fixed'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdaBound',
      what: 'adds 1e-15 under the root beside eps, and its decay is decoupled by default',
      ours: 'nothing under the root, as in the code of the authors',
      option: "decay: 'decoupled'",
    },
  ],
};
