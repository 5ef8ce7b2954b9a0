import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\hat m_t, \hat v_t \text{ as in Adam}, \qquad \eta_t = \frac{\eta}{\sqrt{\hat v_t} + \varepsilon}`,
    String.raw`s_t = \beta_3 s_{t-1} + (1 - \beta_3)\, \eta_t`,
    String.raw`w_{t+1} = w_t - \min(\eta_t, s_t)\, \hat m_t`,
  ],
  use: 'Where Adam without warmup starts badly: the first steps are small by themselves and no rate can jump. It needs a larger lr than Adam in runs that are short against 1 / (1 - beta3).',
  relatives: {
    adam: 'its rates are not capped; with beta3 0 this is Adam',
    radam: 'it too spares the warmup, by the variance of the rate instead of its history',
    adabound: 'caps rates by a fixed band that narrows',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'lancopku/AdaMod (the code of the authors), and pytorch_optimizer 4.1.0',
      what: "corrects the first moment's bias inside the rate, so that the correction is averaged and capped too, and adds eps to the uncorrected root; the paper corrects both moments first",
      ours: "the paper's rule; the two part in the first twenty steps",
      option: "variant: 'code'",
    },
    {
      kind: 'fork',
      who: 'lancopku/AdaMod, against its own documentation; pytorch_optimizer 4.1.0',
      what: 'the default of beta3 is 0.999 in the code and 0.9999 in its docstring; pytorch_optimizer has 0.9999, and 0.99 for beta2',
      ours: 'beta3 0.999 and beta2 0.999',
      option: 'beta2: 0.99, beta3: 0.9999',
    },
  ],
};
