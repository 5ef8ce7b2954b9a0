import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \frac{\eta}{(1 + \lambda \eta (t - 1))^{\alpha}}, \qquad w_{t+1} = (1 - \lambda \eta_t)\, w_t - \eta_t\, g_t`,
    String.raw`\bar w = \frac{1}{t - t_0} \sum_{i = t_0 + 1}^{t} w_i`,
  ],
  use: "For large linear models with L2 regularisation lambda, seen once or a few times: the setting of its analysis. For networks polyak or ema around the optimizer of your choice does more; language models of the AWD-LSTM family use 'nt-asgd' around sgd.",
  relatives: {
    sgd: 'without averaging; with `inverse-time` around it the rate decays alike',
    polyak: 'the same average around any optimizer',
    'nt-asgd': 'lets the validation loss choose the start of the average',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'torch 2.15, torch.optim.ASGD',
      what: 'the weight mu of the average is set after each step for the next one: the first two iterates after t0 are both copied, and the mean begins with the second',
      ours: 'the mean of all iterates after averageStart, the first one too',
      option: "averageForm: 'pytorch'",
    },
    {
      kind: 'fork',
      who: 'torch 2.15, torch.optim.ASGD',
      what: 't0 is 1e6 by default: shorter runs never average, and nothing in PyTorch evaluates at the average unless the user does',
      ours: 'the second half of the run is averaged, and evaluated there',
      option: 'averageStart: 1e6',
    },
    {
      kind: 'fork',
      who: 'torch 2.15, torch.optim.ASGD in the loop of AWD-LSTM',
      what: "a learning rate that the loop changes is used one step later, as the optimizer keeps the step's size from the step before",
      ours: 'a schedule serves the step it is for; in a run without changes of the rate the two are the same',
    },
  ],
};
