import { zerosLike } from '../../tensor/bundle.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, shrink } from '../rules.ts';

/**
 * AdaMomentum, later AdaM3: Adam whose second moment averages the squared momentum. Wang et al. 2021, arXiv:2106.11514.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) m^2 + eps,  w <- w - lr m^ / sqrt(v^),  m^ and v^ as in Adam
 *
 * m enters v uncorrected, and eps accumulates in v; there is none outside the root, so eps must be positive where gradients can be 0.
 * The first step is lr / (1 - beta1) sign(g), ten times that of Adam: m^ is g but sqrt(v^) is (1 - beta1) |g|. On gradients that
 * alternate in sign |m^| / sqrt(v^) tends to 1, where Adam's tends to (1 - beta1) / (1 + beta1): steps stay large across sharp valleys.
 * The authors' copies for GANs also rectify as RAdam does; that is left out.
 */
export const adamomentum = defineOptimizer({
  id: 'adamomentum',
  summary: 'Adam whose second moment averages the squared momentum',
  source: 'Wang et al. 2021, arXiv:2106.11514; wyzjack/AdaM3',
  hyper: {
    lr: positive(1e-3, { tune: log(3e-5, 1e-2), doc: 'step size; the first step is lr / (1 - beta1)' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the squared momentum' }),
    eps: positive(1e-16, { tune: log(1e-16, 1e-8), doc: 'added to the second moment at every step' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, m.square(), beta2).add(eps);
    const direction = debias(m, beta1, t).div(debias(v, beta2, t).sqrt());
    return { w: shrink(w, weightDecay?.mul(lr)).sub(direction.mul(lr)), state: { m, v } };
  },
});
