import { zerosLike } from '../../tensor/bundle.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, real, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, oneMinus, rootPlus, shrink, signedSquare } from '../rules.ts';

/**
 * Yogi: Adam whose second moment moves by (1 - beta2) g^2 at most, so that step sizes grow slowly when gradients fade. Zaheer et al. 2018,
 * NeurIPS, Algorithm 2.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- v - (1 - beta2) sign(v - g^2) g^2,  w <- w - lr m^ / (sqrt(v^) + eps)
 *
 * The paper corrects no bias (`biasCorrection: false`) and begins v at the squared gradient of a large batch; most comparisons use the form of
 * TensorFlow Addons, Optax and pytorch_optimizer, which corrects and begins v at 1e-6 - and m too (`initM: 1e-6`), where we begin m at 0.
 * eps is 1e-3, far larger than Adam's. Weight decay, of which the paper does not speak, is decoupled and times lr.
 */
export const yogi = defineOptimizer({
  id: 'yogi',
  summary: 'Adam with an additive, sign-controlled second moment',
  source: 'Zaheer et al. 2018, NeurIPS, Algorithm 2',
  hyper: {
    lr: positive(1e-2, { tune: log(3e-4, 0.1), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: '1 - beta2 is how far the second moment moves' }),
    eps: nonNegative(1e-3, { tune: log(1e-5, 1e-2), doc: 'added to the root of the second moment' }),
    initialAccumulator: nonNegative(1e-6, { doc: 'what the second moment begins at' }),
    initM: real(0, { doc: 'what the first moment begins at; Optax and TensorFlow Addons: initialAccumulator' }),
    biasCorrection: flag(true, 'remove the bias of both moments; the paper does not'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { initM, initialAccumulator }) => ({
    m: zerosLike(w).add(initM),
    v: zerosLike(w).add(initialAccumulator),
  }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, biasCorrection, weightDecay } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = state.v.add(signedSquare(g.square(), state.v).mul(oneMinus(beta2)));
    const direction = biasCorrection ? debias(m, beta1, t).div(adamRoot(v, beta2, t, eps)) : m.div(rootPlus(v, eps));
    return { w: shrink(w, weightDecay?.mul(lr)).sub(direction.mul(lr)), state: { m, v } };
  },
});
