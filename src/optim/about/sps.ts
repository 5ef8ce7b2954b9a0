import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta_t = \min\Bigl\{ \frac{\max(0, f_t(w_t) - f_t^\star)}{c\, \lVert \nabla f_t(w_t) \rVert^2 + \varepsilon},\ \eta_{\max} \Bigr\}, \qquad w_{t+1} = w_t - \eta_t \nabla f_t(w_t)`,
    String.raw`\text{smooth:}\quad \eta_{\max} = \gamma^{b/n}\, \eta_{t-1}`,
  ],
  use: 'Models that can fit every example, so that the least loss of a minibatch is 0: then the step size needs no tuning. Elsewhere the loss does not fall to fStar and the steps stay as long as the cap: bound them with lr and a schedule.',
  relatives: {
    psps: 'the same in the norm of a diagonal preconditioner',
    'sls-armijo': 'finds the step size by a search on the minibatch instead',
    dfw: 'has the same quotient for losses from 0 on, as a clipped factor of lr',
    bpgrad: 'divides the loss by the norm, not its square',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'optax 0.2.8, optax.polyak_sgd with scaling',
      what: 'says that scaling multiplies min(gap / |g|^2, max_learning_rate); the gradient is scaled before its norm is taken, so that scaling divides the quotient and multiplies the cap',
      ours: 'lr is the cap and c divides the quotient; scaling s of Optax is c: s with lr: s max_learning_rate',
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.polyak_sgd, and pytorch_optimizer 4.1.0, AliG',
      what: 'c is 1, no eps (AliG: 1e-6); a negative gap makes a step uphill unless variant is sps+',
      ours: "c 1/2 and eps 1e-8 as in the authors' code; below fStar no step",
      option: 'c: 1, eps: 0',
    },
    {
      kind: 'fault',
      who: 'IssamLaradji/sps, smooth_iter',
      what: 'stores the step size 0 of a step without gradient, and bounds the next by a multiple of it: it never moves again. Its fstar_flag has no effect there',
      ours: 'the last step size that was not 0 is remembered; fStar counts in both forms',
      option: "cap: 'smooth'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AliG',
      what: 'its closure only tells the loss (step(lambda: float(loss))) and is called with gradients switched off, so that a closure with backward(), as other optimizers take, fails; the norm is a float32 number',
      ours: 'with both undone its trajectory is ours',
      option: 'c: 1, eps: 1e-6',
    },
  ],
};
