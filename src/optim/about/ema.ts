import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`e_n = \beta_n\, e_{n-1} + (1 - \beta_n)\, w_t`,
    String.raw`\text{initial: } e_0 = w_0; \qquad \text{debiased: } e_0 = 0,\ \hat e_n = \frac{e_n}{1 - \beta^n}; \qquad \text{first: } e_1 = w_1`,
    String.raw`\text{TensorFlow: } \beta_n = \min\!\left(\beta, \frac{1 + n}{10 + n}\right); \qquad \text{timm: } \beta_n = 1 - (1 + s / \gamma)^{-p},\ s = n - n_0 - 1`,
  ],
  use: 'Nearly always worth its one copy of the weights where a run is evaluated at a rate that is not yet small: the average behaves as if the rate had been decayed. Choose the half-life ln 2 / (1 - emaDecay) as a few hundredths of the run; in short runs use a warmup or a smaller decay, or the average lags behind.',
  relatives: {
    polyak: 'weighs all iterates alike',
    lawa: 'the mean of the latest few checkpoints',
    sema: 'the average takes the place of the weights once an epoch',
    'schedule-free-sgd': 'averages and trains at once',
    lookahead: 'moves the trained weights towards their average',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'torch 2.15, torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn',
      what: 'copies the first weights that it is given, after the first step; its docstring begins at the initial weights',
      ours: 'begins at the initial weights',
      option: "emaStart: 'first'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.ema on the weights',
      what: 'begins at 0 and divides by 1 - decay^n; optax.incremental_update begins wherever the user does',
      ours: 'begins at the initial weights, whose share falls as emaDecay^n',
      option: "emaStart: 'debiased'",
    },
    {
      kind: 'fork',
      who: 'TensorFlow, tf.train.ExponentialMovingAverage(num_updates); timm, ModelEmaV3 with use_warmup',
      what: 'smaller decays in the first updates, by two different formulas',
      ours: 'one decay throughout',
      option: "emaWarmup: 'tensorflow' or emaWarmup: 'timm'",
    },
    {
      kind: 'fork',
      who: 'torch 2.15 (0.999), timm (0.9999), epfml weight averaging (0.95, every 10 steps)',
      what: 'default decay, and how often the average is updated',
      ours: '0.999, at each step',
      option: 'emaDecay: 0.95, emaEvery: 10',
    },
  ],
};
