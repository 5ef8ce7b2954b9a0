import { zerosLike } from '../../tensor/bundle.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, shrink } from '../rules.ts';

/**
 * Signum: SignSGD along the sign of the momentum. Bernstein et al. 2018, arXiv:1802.04434, Algorithm 2.
 *
 *   m <- momentum m + (1 - momentum) g,  w <- w - lr sign(m)
 *
 * No bias correction: the sign makes it, and the factor 1 - momentum, irrelevant. Decay is decoupled, as in Lion.
 */
export const signum = defineOptimizer({
  id: 'signum',
  summary: 'SignSGD with momentum',
  source: 'Bernstein et al. 2018, arXiv:1802.04434, Algorithm 2',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-5, 1e-2), doc: 'step of every coordinate' }),
    momentum: unit(0.9, { tune: logOneMinus(0.8, 0.99), doc: 'decay of the moving average of gradients' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w) => ({ m: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, momentum, weightDecay } }) {
    const m = ema(state.m, oracle.grad(w), momentum);
    return { w: shrink(w, weightDecay?.mul(lr)).sub(m.sign().mul(lr)), state: { m } };
  },
});
