import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus, shrink } from '../rules.ts';
import { firstDistance, globally, grown, growth, inner, ratio } from './distance.ts';

/**
 * D-Adapted Lion: Lion whose step is a lower bound on the distance to the solution in the largest coordinate. Defazio & Mishchenko 2023,
 * arXiv:2301.07733, for the estimate; facebookresearch/dadaptation for the method, which the paper does not have and which is called
 * experimental there.
 *
 *   delta = d lr,  u = sign(beta1 m + (1 - beta1) g),  w <- (1 - weightDecay delta) w - delta u,  m <- beta2 m + (1 - beta2) delta g
 *   r <- b r + (1 - b) delta <u, s>,  s <- b s + (1 - b) delta u,  d <- max(d, r / ((1 - b) |s|_1)),  b = sqrt(beta2)
 *
 * delta has the old d, r the old s. As in the code m takes delta g beside a bare g in u: the momentum counts for little while d is small. That
 * code forgets to store r, which so never gathers anything; pytorch_optimizer stores it, and so do we.
 */
export const dAdaptationLion = defineOptimizer({
  id: 'd-adaptation-lion',
  summary: 'Lion scaled by a growing lower bound on the distance to the solution',
  source: 'facebookresearch/dadaptation; Defazio & Mishchenko 2023, arXiv:2301.07733',
  hyper: {
    lr: positive(1, { tune: log(0.03, 3), doc: 'factor of the step size, for schedules' }),
    d0: firstDistance(1e-6, 1e-3),
    growth,
    beta1: unit(0.9, { doc: 'share of momentum in the blend' }),
    beta2: unit(0.99, { doc: 'decay of the momentum; its root decays the estimate' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-3, 1), doc: 'decoupled decay, times d lr' })),
  },
  init: (w, { d0 }) => ({ d: d0, r: scalar(0, 'float64'), s: zerosLike(w), m: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, growth, beta1, beta2, weightDecay } }) {
    const g = oracle.grad(w);
    const delta = state.d.mul(lr);
    const b = beta2.sqrt();
    const u = ema(state.m, g, beta1).sign();
    const m = ema(state.m, g.mul(delta), beta2);
    const r = b.mul(state.r).add(oneMinus(b).mul(delta).mul(inner(u, state.s)));
    const s = ema(state.s, u.mul(delta), b);
    const estimate = ratio(r, oneMinus(b).mul(globally.sums(s.abs())));
    const d = where(lr.eq(0), state.d, grown(state.d, estimate, growth));
    return { w: shrink(w, weightDecay?.mul(delta)).sub(u.mul(delta)), state: { d, r, s, m } };
  },
});
