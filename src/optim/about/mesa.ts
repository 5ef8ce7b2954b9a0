import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\tilde L(w) = L(w) + \lambda \tau^2\, \frac1n \sum_i \mathrm{KL}\!\left( \operatorname{softmax}(\hat z_i / \tau) \,\big\|\, \operatorname{softmax}(z_i / \tau) \right), \qquad \hat z_i = f(x_i; e)`,
    String.raw`e \leftarrow \beta\, e + (1 - \beta)\, w \qquad \text{after each step}`,
  ],
  use: 'Classifiers that would gain from SAM but cannot pay for a second gradient: a step costs one more forward pass and one copy of the weights. It asks a task for its logits, so the loss must be their cross entropy (`labels` of `defineTask`). A run of few steps needs a smaller decay than the default.',
  relatives: {
    sam: 'the aim that it approximates, at twice the gradients',
    ema: 'keeps the same average and evaluates there; here it only teaches',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Du et al. 2022, arXiv:2205.14083; AngusDujw/SAF, MESA_train.py',
      what: 'the code multiplies the divergence by tau squared, the formula of the paper (by our reading) does not',
      ours: 'the code: the size of the gradient then does not depend on tau; without the factor lambda 0.3 is 0.3 / 25 here, at the default tau 5',
      option: 'mesaLambda: 0.012',
    },
    {
      kind: 'fork',
      who: 'AngusDujw/SAF: MESA_train.py and its README',
      what: 'lambda is 0.3 in the code and 0.8 in the README',
      ours: 'the code',
      option: 'mesaLambda: 0.8',
    },
    {
      kind: 'fork',
      who: 'AngusDujw/SAF, MESA_train.py',
      what: 'the logarithm of a softmax, which is minus infinity where a probability underflows',
      ours: 'a log-softmax, the same number without that',
    },
  ],
};
