import { zerosLike } from '../../tensor/bundle.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, l2 } from '../rules.ts';

/**
 * Adam: steps along the mean gradient over the root of the mean squared gradient. Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  w <- w - lr m^ / (sqrt(v^) + eps)
 *
 * with m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t). eps stands outside the root, after the bias correction. The paper's "efficient" form, which
 * TensorFlow and Keras have, adds it before: `epsHat`. With eps 0 a coordinate without gradient yet stays: 0 / 0 = 0. `weightDecay` is L2
 * regularisation in the gradient, which biases and norm gains are spared; see adamw for decoupled decay.
 */
export const adam = defineOptimizer({
  id: 'adam',
  summary: 'bias-corrected moving averages of the gradient and its square',
  source: 'Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    epsHat: flag(false, 'eps joins the root before its bias correction, as in TensorFlow and Keras'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, epsHat, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const direction = debias(m, beta1, t).div(adamRoot(v, beta2, t, eps, epsHat));
    return { w: w.sub(direction.mul(lr)), state: { m, v } };
  },
});
