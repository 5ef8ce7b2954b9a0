import { zerosLike } from '../../tensor/bundle.ts';
import { log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, shrink } from '../rules.ts';

/**
 * Lion: the sign of a blend of momentum and gradient. Chen et al. 2023, arXiv:2302.06675, Algorithm 2.
 *
 *   c = beta1 m + (1 - beta1) g,  w <- w - lr (sign(c) + weightDecay w),  then m <- beta2 m + (1 - beta2) g
 *
 * Every coordinate moves by exactly lr. Take lr 3 to 10 times smaller than AdamW's and weightDecay as much larger.
 * Optax's `lion` defaults to a decay of 1e-3, the authors' code to 0, as here. Biases and norm gains are not decayed.
 */
export const lion = defineOptimizer({
  id: 'lion',
  summary: 'sign of a blend of momentum and gradient, one float of state',
  source: 'Chen et al. 2023, arXiv:2302.06675, Algorithm 2',
  hyper: {
    lr: positive(1e-4, { tune: log(1e-5, 3e-3), doc: 'step of every coordinate' }),
    beta1: unit(0.9, { doc: 'share of momentum in the blend' }),
    beta2: unit(0.99, { doc: 'decay of the momentum' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-2, 10), doc: 'decoupled decay, times lr' })),
  },
  init: (w) => ({ m: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, beta1, beta2, weightDecay } }) {
    const g = oracle.grad(w);
    const direction = ema(state.m, g, beta1).sign();
    return { w: shrink(w, weightDecay?.mul(lr)).sub(direction.mul(lr)), state: { m: ema(state.m, g, beta2) } };
  },
});
