import { zerosLike } from '../../tensor/bundle.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, rootPlus } from '../rules.ts';

/**
 * Generalized SignSGD: Adam whose second moment averages the squared momentum in the place of the squared gradient. Crawshaw et al. 2022,
 * arXiv:2208.11195.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) m^2,  w <- w - lr m / (sqrt(v) + eps)
 *
 * v takes the new m. With beta2 = 0 this is signum; near 1 it is like Adam. No bias is corrected, so that the first step moves every
 * coordinate by lr / sqrt(1 - beta2), 31.6 lr at the default, and none ever moves farther: the method clips itself. `biasCorrection`, which
 * the authors' code uses for one of its tasks, divides m by 1 - beta1^t and v by 1 - beta2^t while v still takes the uncorrected m: the first
 * step is lr / (1 - beta1) then, not lr as in Adam. The paper has no eps: with eps 0 the step at m = v = 0 is 0.
 */
export const genSignsgd = defineOptimizer({
  id: 'gen-signsgd',
  summary: 'momentum divided by its own root mean square: between signum and Adam',
  source: 'Crawshaw et al. 2022, arXiv:2208.11195; zhenxun-zhuang/Generalized-SignSGD',
  hyper: {
    lr: positive(1e-3, { tune: log(3e-6, 3e-3), doc: 'step size; the largest step is lr / sqrt(1 - beta2)' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    beta2: unit(0.999, { doc: 'decay of the mean square of the momentum' }),
    eps: nonNegative(1e-8, { doc: 'added to the root' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
    biasCorrection: flag(false, 'correct the bias of both averages'),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay, biasCorrection } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, m.square(), beta2);
    const [top, below] = biasCorrection ? [debias(m, beta1, t), debias(v, beta2, t)] : [m, v];
    return { w: w.sub(top.div(rootPlus(below, eps)).mul(lr)), state: { m, v } };
  },
});
