import { zerosLike } from '../../tensor/bundle.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, nonZero } from '../rules.ts';

/**
 * AdaMax: Adam with an exponentially weighted maximum in the place of the second moment. Kingma & Ba 2015, arXiv:1412.6980, Algorithm 2.
 *
 *   m <- beta1 m + (1 - beta1) g,  u <- max(beta2 u, |g| + eps),  w <- w - lr / (1 - beta1^t) m / u
 *
 * u needs no bias correction. The paper has no eps; it stands inside the maximum as in PyTorch and Optax (`epsOutside` is Keras), and `eps: 0`
 * is the paper's form, where a coordinate without gradient yet stays: 0 / 0 = 0. No step is longer than
 * lr (1 - beta1) (1 - (beta1 / beta2)^t) / ((1 - beta1 / beta2) (1 - beta1^t)), 1.0092 lr at the defaults (the paper's bound lr is approximate).
 */
export const adamax = defineOptimizer({
  id: 'adamax',
  summary: 'Adam with a decaying maximum of gradient sizes as its denominator',
  source: 'Kingma & Ba 2015, arXiv:1412.6980, Algorithm 2',
  hyper: {
    lr: positive(2e-3, { tune: log(3e-4, 0.1), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the maximum' }),
    eps: nonNegative(1e-8, { doc: 'added to the size of the gradient' }),
    epsOutside: flag(false, 'add eps to the maximum and not inside it, as Keras does'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w) => ({ m: zerosLike(w), u: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, epsOutside, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const m = ema(state.m, g, beta1);
    const u = state.u.mul(beta2).maximum(epsOutside ? g.abs() : g.abs().add(nonZero(eps)));
    const bound = epsOutside ? u.add(nonZero(eps)) : u;
    return { w: w.sub(debias(m, beta1, t).div(bound).mul(lr)), state: { m, u } };
  },
});
