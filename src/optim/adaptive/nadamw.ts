import { zerosLike } from '../../tensor/bundle.ts';
import { log, logOneMinus, nonNegative, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, l2 } from '../rules.ts';

/**
 * NAdamW: AdamW with Nesterov's look-ahead in the first moment, the baseline of AlgoPerf. Dozat 2016; Dahl et al. 2023, arXiv:2306.07179.
 *
 *   w <- w - lr (n / (1 - beta1^t) / (sqrt(v^) + eps) + weightDecay w),  n = beta1 m_t + (1 - beta1) g_t
 *
 * Dozat's momentum schedule is left out and both corrections use the same t, as in AlgoPerf's code (PyTorch's and Optax's differ).
 */
export const nadamw = defineOptimizer({
  id: 'nadamw',
  summary: 'AdamW with a Nesterov first moment, the AlgoPerf baseline',
  source: 'Dozat 2016; Dahl et al. 2023, arXiv:2306.07179, reference code',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.9, 0.996), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: nonNegative(1e-2, { tune: log(5e-3, 1), doc: 'decoupled decay, times lr' }),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const ahead = ema(m, g, beta1);
    const direction = debias(ahead, beta1, t).div(adamRoot(v, beta2, t, eps));
    return { w: w.sub(l2(direction, w, weightDecay).mul(lr)), state: { m, v } };
  },
});
