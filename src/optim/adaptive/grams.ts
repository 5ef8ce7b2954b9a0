import { zerosLike } from '../../tensor/bundle.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, rootPlus, shrink } from '../rules.ts';

/**
 * Grams: the size of Adam's update along the sign of the present gradient. Cao, Li & Song 2024, arXiv:2412.17107, Algorithm 1.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  w <- (1 - lr weightDecay) w - lr sign(g) |m^| / (sqrt(v^) + eps)
 *
 * with m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t): the paper, form 'paper'. The authors' code adds eps to the root of the uncorrected v,
 * sqrt(v^) + eps / sqrt(1 - beta2^t) above, 1e-5 of the first steps: form 'code', the default. Where signs of g and m agree this is AdamW.
 */
export const grams = defineOptimizer({
  id: 'grams',
  summary: "the size of Adam's update along the sign of the gradient",
  source: 'Cao, Li & Song 2024, arXiv:2412.17107, Algorithm 1; Gunale0926/Grams',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-6, { doc: 'added to the root of the second moment' }),
    form: choice('code', ['code', 'paper'], 'eps before (code) or after (paper) the bias correction'),
    correctBias: flag(true, 'bias correction of both moments'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, form, correctBias, weightDecay } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const size = correctBias
      ? debias(m.abs(), beta1, t).div(adamRoot(v, beta2, t, eps, form === 'code'))
      : m.abs().div(rootPlus(v, eps));
    return { w: shrink(w, weightDecay?.mul(lr)).sub(size.mul(g.sign()).mul(lr)), state: { m, v } };
  },
});
