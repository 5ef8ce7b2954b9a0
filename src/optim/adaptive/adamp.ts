import { zerosLike } from '../../tensor/bundle.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, ema, oneMinus, shrink } from '../rules.ts';
import { projectionHyper, projectRadial } from './projection.ts';

/**
 * AdamP: Adam without the radial part of its update where weights are scale-invariant, so that momentum does not inflate their norm. Heo et al.
 * 2021, arXiv:2006.08217, Algorithm 2.
 *
 *   p = m / (sqrt(v / (1 - beta2^t)) + eps)  (Nesterov: beta1 m + (1 - beta1) g for m),  p, r = projection of p  (projection.ts)
 *   w <- (1 - lr weightDecay r) w - lr / (1 - beta1^t) p
 *
 * The paper tests each weight vector by itself, the authors' code takes all rows of a tensor or none: we follow the code. Without a
 * scale-invariant tensor this is AdamW.
 */
export const adamp = defineOptimizer({
  id: 'adamp',
  summary: 'Adam without the radial part of updates of scale-invariant weights',
  source: 'Heo et al. 2021, arXiv:2006.08217, Algorithm 2; clovaai/AdamP',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: positive(1e-8, { doc: 'added to the root of the second moment; least norm in the projection' }),
    ...projectionHyper,
    nesterov: flag(false, 'look ahead along the first moment'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, delta, wdRatio, nesterov, weightDecay } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const p = (nesterov ? ema(m, g, beta1) : m).div(adamRoot(v, beta2, t, eps));
    const { update, ratio } = projectRadial(w, g, p, { delta, wdRatio, eps });
    const kept = shrink(w, weightDecay && ratio.mul(weightDecay.mul(lr)));
    return { w: kept.sub(update.mul(lr.div(oneMinus(beta1.pow(t))))), state: { m, v } };
  },
});
