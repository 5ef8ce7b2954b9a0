import { zerosLike } from '../../tensor/bundle.ts';
import { scalar } from '../../tensor/tensor.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, rootPlus, shrink } from '../rules.ts';

/**
 * AdaSGD: Adam with one second moment for all parameters together. Xie, Mohamadi & Li 2024, arXiv:2410.08198; mohamad-amin/adam-coordinate-adaptivity.
 *
 *   m <- beta1 m + (1 - beta1) g,  s <- beta2 s + (1 - beta2) |g|^2 / d,  w <- w - lr m^ / (sqrt(s^) + eps),  hats as in Adam
 *
 * d is the number of parameters and s a number. The trajectory turns with any rotation of the parameters, which Adam's does not: where Adam
 * is better than this, it is the coordinates that help. In the authors' code s belongs to a parameter group; group this method by `groups`.
 */
export const adasgd = defineOptimizer({
  id: 'adasgd',
  summary: 'Adam with one second moment for all parameters, equivariant to rotations',
  source: 'Xie, Mohamadi & Li 2024, arXiv:2410.08198; mohamad-amin/adam-coordinate-adaptivity',
  hyper: {
    lr: positive(1e-3, {
      tune: log(1e-4, 3e-2),
      doc: 'step size: the root mean square of a step along constant gradients',
    }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w) => ({ m: zerosLike(w), s: scalar(0, 'float64') }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const s = ema(state.s, g.dot(g).div(w.layout.size), beta2);
    const root = rootPlus(debias(s, beta2, t), eps);
    return {
      w: shrink(w, weightDecay?.mul(lr)).sub(debias(m, beta1, t).mul(lr.div(root))),
      state: { m, s },
    };
  },
});
