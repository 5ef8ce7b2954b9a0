import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, m_t^2`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{m_t}{\sqrt{v_t} + \varepsilon}, \qquad |w_{t+1} - w_t| \le \frac{\eta}{\sqrt{1 - \beta_2}}`,
  ],
  use: 'A method with Adam-like behaviour whose theory covers losses that are not smooth (the implicit clipping does it). The first step is 31.6 lr at the default beta2: warm up, or take lr well below that of Adam.',
  relatives: {
    adam: 'averages the squared gradient, and corrects the bias of both averages',
    signum: 'beta2 = 0',
    adamomentum: 'averages the squared momentum too, with bias correction',
    'sgd-clip': 'bounds the step explicitly',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'zhenxun-zhuang/Generalized-SignSGD',
      what: "the experiment on Penn Treebank corrects the bias of both averages, the two others do not; the paper's rule has no correction",
      ours: 'no correction by default',
      option: 'biasCorrection: true',
    },
    {
      kind: 'fork',
      who: 'Crawshaw et al. 2022',
      what: 'the paper has no eps; the code adds 1e-8 to the root',
      ours: 'as the code; with eps 0 a coordinate without any gradient yet stays where it is',
      option: 'eps: 0',
    },
  ],
};
