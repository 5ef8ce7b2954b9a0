import { zerosLike } from '../../tensor/bundle.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, l2 } from '../rules.ts';

/**
 * Adadelta: RMSProp whose step has the units of the parameters, by the mean square of past steps. Zeiler 2012, arXiv:1212.5701, Algorithm 1.
 *
 *   v <- rho v + (1 - rho) g^2,  u = sqrt(d + eps) / sqrt(v + eps) g,  d <- rho d + (1 - rho) u^2,  w <- w - lr u
 *
 * Both eps stand inside the roots; the numerator is the d of the steps before, and d holds u without lr. The paper has no lr (lr = 1) and uses
 * rho 0.95; PyTorch has 0.9. eps decides how the method starts, with steps of sqrt(eps / (1 - rho)): with eps 0 it would never move, so 0 is refused.
 */
export const adadelta = defineOptimizer({
  id: 'adadelta',
  summary: 'RMSProp scaled by the root mean square of its own past steps',
  source: 'Zeiler 2012, arXiv:1212.5701, Algorithm 1',
  hyper: {
    lr: positive(1, { tune: log(0.05, 10), doc: 'factor of the step; the paper has 1' }),
    rho: unit(0.9, { tune: logOneMinus(0.8, 0.99), doc: 'decay of both mean squares' }),
    eps: positive(1e-6, { tune: log(1e-8, 1e-4), doc: 'added inside both roots; sets the size of the first steps' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w) => ({ v: zerosLike(w), d: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, rho, eps, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const v = ema(state.v, g.square(), rho);
    const u = state.d.add(eps).sqrt().div(v.add(eps).sqrt()).mul(g);
    return { w: w.sub(u.mul(lr)), state: { v, d: ema(state.d, u.square(), rho) } };
  },
});
