import { type Bundle, perTensor, zerosLike } from '../../tensor/bundle.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, normalLike } from '../rules.ts';

/** The largest size in each tensor, held at each of its elements. */
const steepest = (g: Bundle): Bundle =>
  perTensor(
    ([x], { shape, size }) => x.reshape([size]).abs().max(0, { keepDims: true }).broadcastTo([size]).reshape(shape),
    g,
  );

/**
 * Gravity: momentum over gradients that are damped where they are steep, after a ball on an incline. Bahrami & Zadeh 2021, arXiv:2101.09192.
 *
 *   zeta = g / (1 + (g max|g|)^2), the maximum over the tensor,  V <- beta^ V + (1 - beta^) zeta,  beta^ = (beta t + 1) / (t + 2)
 *   w <- w - lr V,  V_0 ~ N(0, (alpha / lr)^2)
 *
 * |zeta| is at most 1 / (2 max|g|). Where g is 0 all over, where the paper's 1 / max|g| is infinite, zeta is 0. V_0 is drawn at the first step from
 * the lr that was set, not the scheduled one; alpha 0 begins at rest. The authors' PyTorch code counts t from 1, their Keras code from 0 (`counting`).
 */
export const gravity = defineOptimizer({
  id: 'gravity',
  summary: 'momentum over gradients that are damped where they are steep',
  source: 'Bahrami & Zadeh 2021, arXiv:2101.09192; dariush-bahrami/gravity.optimizer',
  hyper: {
    lr: positive(0.1, { tune: log(1e-2, 1), doc: 'step size' }),
    beta: unit(0.9, { tune: logOneMinus(0.5, 0.98), doc: 'decay of the velocity, in the long run' }),
    alpha: optional(
      nonNegative(0.01, { doc: 'length of a random first step: the first velocity spreads by alpha / lr' }),
    ),
    counting: choice('from-1', ['from-1', 'from-0'], 'first t of the decay (beta t + 1) / (t + 2)'),
  },
  // Until the first step draws it, the velocity holds its own standard deviation.
  init: (w, { lr, alpha }) => ({ velocity: alpha ? zerosLike(w).add(alpha.div(lr)) : zerosLike(w) }),
  step({ w, state, oracle, t, every, random, hyper: { lr, beta, alpha, counting } }) {
    const g = oracle.grad(w);
    const zeta = g.div(g.mul(steepest(g)).square().add(1));
    const drawn = alpha && every(Number.MAX_SAFE_INTEGER);
    const before = drawn ? state.velocity.mul(normalLike(w, random)) : state.velocity;
    const k = counting === 'from-1' ? t : t.sub(1);
    const velocity = ema(before, zeta, beta.mul(k).add(1).div(k.add(2)));
    return { w: w.sub(velocity.mul(lr)), state: { velocity } };
  },
});
