import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, rootPlus } from '../rules.ts';

/**
 * RMSProp: SGD divided by the root of the mean squared gradient. Tieleman & Hinton 2012, Coursera lecture 6e; the centred form is Graves 2013,
 * arXiv:1308.0850, eq. 38-45. There is no paper, only a slide, so the forks are many; the defaults are PyTorch's.
 *
 *   v <- alpha v + (1 - alpha) g^2,  q = v, or v - mean^2 when centred with mean <- alpha mean + (1 - alpha) g
 *   u = g / (sqrt(q) + eps),  w <- w - lr u, or with momentum b <- momentum b + u, w <- w - lr b
 *
 * Nothing is debiased, so the first step is lr / sqrt(1 - alpha) long in each coordinate. TensorFlow, Keras and Optax put eps inside the root
 * (`epsInsideRoot`) and lr inside the buffer (`lrInBuffer`: b <- momentum b + lr u, the same for a constant lr); Optax also knows `biasCorrection`
 * (of v and mean) and `initialScale`, what v begins at. q is cut off at 0: rounding can make v - mean^2 negative, whose root is NaN in PyTorch.
 * In float32 a gradient beyond 1e19 has no square, and `centered` leaves NaN then; `clip-value` around it is the remedy.
 */
export const rmsprop = defineOptimizer({
  id: 'rmsprop',
  summary: 'SGD over the root of the mean squared gradient, with momentum and centring',
  source: 'Tieleman & Hinton 2012, lecture 6e; Graves 2013, arXiv:1308.0850, eq. 38-45; PyTorch torch.optim.RMSprop',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    alpha: unit(0.99, { tune: logOneMinus(0.9, 0.999), doc: 'decay of the mean squared gradient' }),
    eps: nonNegative(1e-8, { doc: 'added to the root' }),
    momentum: optional(unit(0, { tune: logOneMinus(0.5, 0.95), doc: 'decay of the momentum buffer; 0 keeps none' })),
    centered: flag(false, 'divide by the standard deviation of the gradient'),
    epsInsideRoot: flag(false, 'add eps to the mean square and not to its root, as TensorFlow, Keras and Optax do'),
    lrInBuffer: flag(false, 'the momentum buffer sums steps and not directions, as in TensorFlow, Keras and Optax'),
    biasCorrection: flag(false, 'remove the bias of the averages, as Optax can'),
    initialScale: nonNegative(0, { doc: 'what the mean squared gradient begins at; TensorFlow 1: 1' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  check: ({ centered, alpha }) =>
    centered && alpha === 0
      ? 'centered is true but alpha is 0; the variance of one gradient is 0: alpha must lie in (0, 1)'
      : null,
  init: (w, { centered, momentum, initialScale }): { v: Bundle; mean?: Bundle; buffer?: Bundle } => ({
    v: zerosLike(w).add(initialScale),
    ...(centered && { mean: zerosLike(w) }),
    ...(momentum && { buffer: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, alpha, eps, momentum, epsInsideRoot, lrInBuffer, biasCorrection, weightDecay } = hyper;
    const corrected = (average: Bundle) => (biasCorrection ? debias(average, alpha, t) : average);
    const g = l2(oracle.grad(w), w, weightDecay);
    const v = ema(state.v, g.square(), alpha);
    const mean = state.mean && ema(state.mean, g, alpha);
    const q = mean ? corrected(v).sub(corrected(mean).square()).maximum(0) : corrected(v);
    const u = g.div(rootPlus(q, eps, epsInsideRoot));
    const averages = { v, ...(mean && { mean }) };
    if (!momentum || !state.buffer) return { w: w.sub(u.mul(lr)), state: averages };
    const buffer = state.buffer.mul(momentum).add(lrInBuffer ? u.mul(lr) : u);
    return { w: w.sub(lrInBuffer ? buffer : buffer.mul(lr)), state: { ...averages, buffer } };
  },
});
