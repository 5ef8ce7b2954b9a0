import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { choice, log, logOneMinus, nonNegative, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, rootPlus } from '../rules.ts';

/**
 * Optimistic Adam: every step takes back part of the one before, as if the next gradient were known. Daskalakis et al. 2018, arXiv:1711.00141,
 * Algorithm 1.
 *
 *   w <- w - lr ((1 + optimism) u_t - optimism u_{t-1}),  u_t = m^ / (sqrt(v^) + eps) as in Adam,  u_0 = 0
 *
 * The paper has optimism 1. Optax takes u_0 = u_1, so that its first step is Adam's (`start: 'current'`). base 'amsgrad' is what Wang et al. 2021
 * (arXiv:1903.01435) compare opt-amsgrad with: u = m / (sqrt(v~) + eps) with v~ the largest v so far and no bias correction.
 */
export const optimisticAdam = defineOptimizer({
  id: 'optimistic-adam',
  summary: 'Adam that steps twice along the new direction and once back along the last, for games',
  source: 'Daskalakis et al. 2018, arXiv:1711.00141, Algorithm 1',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 2e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.5, 0.95), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    optimism: nonNegative(1, { doc: 'how much of the last direction is taken back; 0 is the base' }),
    base: choice('adam', ['adam', 'amsgrad'], 'whose direction'),
    start: choice('zero', ['zero', 'current'], 'the direction before the first: none, or the first'),
  },
  init: (w, { base }): { m: Bundle; v: Bundle; last: Bundle; vMax?: Bundle } => ({
    m: zerosLike(w),
    v: zerosLike(w),
    last: zerosLike(w),
    ...(base === 'amsgrad' && { vMax: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, optimism, start } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const vMax = state.vMax?.maximum(v);
    const u = vMax ? m.div(rootPlus(vMax, eps)) : debias(m, beta1, t).div(adamRoot(v, beta2, t, eps));
    const last = start === 'zero' ? state.last : state.last.map((flat) => where(t.gt(1), flat, u.flat));
    return {
      w: w.sub(u.add(u.sub(last).mul(optimism)).mul(lr)),
      state: { m, v, last: u, ...(vMax && { vMax }) },
    };
  },
});
