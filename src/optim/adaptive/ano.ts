import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit, within } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, oneMinus, rootPlus, shrink, signedSquare } from '../rules.ts';

const source = 'Kegreisz 2025, arXiv:2508.18258; Adrienkgz/ano-experiments';

/** Below 0.5 the second moment could become negative. */
const half = within('[0.5, 1)', (v) => v >= 0.5 && v < 1);

const shared = {
  lr: positive(1e-4, { tune: log(1e-5, 1e-2), doc: 'step size' }),
  eps: nonNegative(1e-8, { doc: 'added to the second moment, or to its root' }),
  epsilon: choice('inside', ['inside', 'outside'], 'eps stands inside or outside the root'),
  decay: choice(
    'decayed',
    ['decayed', 'yogi'],
    'the second moment decays in every step, or moves by its sign rule alone',
  ),
  weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
};

interface Rates {
  readonly lr: Tensor;
  readonly beta1: Tensor;
  readonly beta2: Tensor;
  readonly eps: Tensor;
  readonly epsilon: 'inside' | 'outside';
  readonly decay: 'decayed' | 'yogi';
  readonly weightDecay?: Tensor;
}

/** The step of both methods. `corrected` takes the bias from the second moment. */
function step(
  w: Bundle,
  state: { readonly m: Bundle; readonly v: Bundle },
  g: Bundle,
  { lr, beta1, beta2, eps, epsilon, decay, weightDecay }: Rates,
  corrected: (v: Bundle) => Bundle,
) {
  const m = ema(state.m, g, beta1);
  const kept = decay === 'decayed' ? state.v.mul(beta2) : state.v;
  const v = kept.add(signedSquare(g.square(), state.v).mul(oneMinus(beta2)));
  const update = g
    .abs()
    .mul(m.sign())
    .div(rootPlus(corrected(v), eps, epsilon === 'inside'));
  return { w: shrink(w, weightDecay?.mul(lr)).sub(update.mul(lr)), state: { m, v } };
}

/**
 * Ano: the sign of the momentum, the size of the present gradient over a root of its second moment. Kegreisz 2025, arXiv:2508.18258, as in the
 * author's code.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) sign(g^2 - v) g^2
 *   w <- (1 - lr weightDecay) w - lr |g| sign(m) / sqrt(v / (1 - beta2^t) + eps)
 *
 * The paper's theory has Yogi's v without the factor beta2 (`decay: 'yogi'`) and eps outside the root (`epsilon: 'outside'`, also in
 * pytorch_optimizer), and lr / (t + 2)^(3/4), which is a matter for a schedule; how exactly the paper prints them is unverified.
 * beta2 >= 1/2 keeps v >= 0. Grams is the mirror image: there the size is the momentum's and the sign the gradient's.
 */
export const ano = defineOptimizer({
  id: 'ano',
  summary: 'sign of the momentum, size of the present gradient',
  source,
  hyper: {
    ...shared,
    beta1: unit(0.92, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    beta2: half(0.99, { doc: 'decay of the second moment' }),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step: ({ w, state, oracle, t, hyper }) => step(w, state, oracle.grad(w), hyper, (v) => debias(v, hyper.beta2, t)),
});

/** How 1 - beta1 falls with the number of steps. */
const falls = {
  log: (n: Tensor) => n.maximum(2).log().reciprocal(),
  sqrt: (n: Tensor) => n.sqrt().reciprocal(),
  harmonic: (n: Tensor) => n.reciprocal(),
};

/**
 * Anolog: Ano whose momentum grows longer by itself, beta1_t = 1 - 1 / ln(max(2, t + logShift)). Kegreisz 2025, arXiv:2508.18258.
 *
 * The author's code has logShift 0, so that beta1 is negative (-0.44) in the first two steps, and leaves the second moment without bias
 * correction; logShift 2 is the other reading of the paper (unverified which one it prints). `correctBias` brings the correction back, as
 * pytorch_optimizer does. `momentum` 'sqrt' (1 - 1 / sqrt(t)) and 'harmonic' (1 - 1 / t) are the paper's ablations.
 */
export const anolog = defineOptimizer({
  id: 'anolog',
  summary: 'Ano with a momentum that grows longer with the logarithm of time',
  source,
  hyper: {
    ...shared,
    beta2: half(0.999, { doc: 'decay of the second moment' }),
    momentum: choice('log', ['log', 'sqrt', 'harmonic'], 'how 1 - beta1 falls with the number of steps'),
    logShift: nonNegative(0, { doc: 'added to the number of steps' }),
    correctBias: flag(false, 'bias correction of the second moment'),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { momentum, logShift, correctBias, ...hyper } }) {
    const beta1 = oneMinus(falls[momentum](t.add(logShift)));
    const rates = { ...hyper, beta1 };
    return step(w, state, oracle.grad(w), rates, (v) => (correctBias ? debias(v, hyper.beta2, t) : v));
  },
});
