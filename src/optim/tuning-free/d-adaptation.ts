import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { decayForm, withDecay } from '../adaptive/decay.ts';
import { flag, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema, l2, oneMinus } from '../rules.ts';
import { firstDistance, globally, grown, growth, inner, ratio } from './distance.ts';

const factor = (low: number, high: number) =>
  positive(1, { tune: log(low, high), doc: 'factor of the step size, for schedules; 1 is meant to do' });
const source = 'Defazio & Mishchenko 2023, arXiv:2301.07733; facebookresearch/dadaptation';

/**
 * D-Adapted SGD: a lower bound d on the distance from start to solution, grown from inner products of gradients with the way so far, is the
 * scale of the steps. Defazio & Mishchenko 2023, arXiv:2301.07733; the rule is that of the authors' code, version 3.
 *
 *   lambda = d lr / |g_1|,  n <- n + lambda <g, s>,  s <- s + lambda g,  d <- max(d, 2 n / |s|)
 *   w <- momentum w + (1 - momentum) z,  z = w_0 - s
 *
 * lambda has the d from before the step. The paper has a dual-averaging form with a step size gamma and no factor 2; the code is followed. g_1
 * is the first gradient that is not 0; nothing moves before it. With momentum 0 w is z, and s alone is kept. On networks of ReLUs the estimate
 * was seen to overshoot as soon as the loss begins to fall, whatever d0: a smaller lr keeps the steps in bounds.
 */
export const dAdaptationSgd = defineOptimizer({
  id: 'd-adaptation-sgd',
  summary: 'SGD scaled by a growing lower bound on the distance to the solution',
  source,
  hyper: {
    lr: factor(0.01, 1),
    d0: firstDistance(1e-3, 1),
    growth,
    momentum: optional(unit(0.9, { doc: 'share of the old w; 0 keeps one float less' })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w, { d0, momentum }): { d: Tensor; first: Tensor; n: Tensor; s: Bundle; z?: Bundle } => ({
    d: d0,
    first: scalar(0, 'float64'),
    n: scalar(0, 'float64'),
    s: zerosLike(w),
    ...(momentum && { z: w }),
  }),
  step({ w, state, oracle, hyper: { lr, growth, momentum, weightDecay } }) {
    const raw = oracle.grad(w);
    const g = l2(raw, w, weightDecay);
    const first = where(state.first.eq(0), globally.sums(raw.square()).sqrt(), state.first);
    const lambda = ratio(state.d.mul(lr), first);
    const n = state.n.add(lambda.mul(inner(g, state.s)));
    const s = state.s.add(g.mul(lambda));
    const estimate = ratio(n.mul(2), globally.sums(s.square()).sqrt());
    // A schedule may set lr to 0: then nothing is learned.
    const d = where(lr.eq(0), state.d, grown(state.d, estimate, growth));
    if (!momentum || !state.z) return { w: w.sub(g.mul(lambda)), state: { d, first, n, s } };
    const z = state.z.sub(g.mul(lambda));
    return { w: ema(w, z, momentum), state: { d, first, n, s, z } };
  },
});

/**
 * D-Adapted Adam: the same for Adam, with the distance in the largest coordinate. Defazio & Mishchenko 2023, arXiv:2301.07733, Algorithm 5, in
 * the form of the authors' code, version 3.
 *
 *   delta = d lr,  n = delta <g, s / (sqrt(v) + eps)> (v and s from before),  m <- beta1 m + (1 - beta1) delta g,  v as in Adam
 *   s <- b s + (1 - b) delta g,  r <- b r + (1 - b) n,  d <- max(d, r / ((1 - b) |s|_1)),  b = sqrt(beta2)
 *   w <- (1 - weightDecay delta) w - m / (sqrt(v) + eps)
 *
 * delta has the d from before the step, and stays in m. `biasCorrection` multiplies delta by sqrt(1 - beta2^t) / (1 - beta1^t), as Optax
 * always does. The decay is decoupled; that of the authors' code is L2 unless told otherwise, as `decay: 'l2'` is here.
 */
export const dAdaptationAdam = defineOptimizer({
  id: 'd-adaptation-adam',
  summary: 'Adam scaled by a growing lower bound on the distance to the solution',
  source,
  hyper: {
    lr: factor(0.1, 10),
    d0: firstDistance(1e-6, 1e-2),
    growth,
    beta1: unit(0.9, { doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment; its root decays the estimate' }),
    eps: positive(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decay of w, times d lr' })),
    decay: decayForm('decoupled'),
    biasCorrection: flag(false, 'correct the bias of both moments, in the step size'),
  },
  init: (w, { d0 }) => ({
    d: d0,
    r: scalar(0, 'float64'),
    s: zerosLike(w),
    m: zerosLike(w),
    v: zerosLike(w),
  }),
  step({ w, state, oracle, t, hyper: { lr, growth, beta1, beta2, eps, weightDecay, decay, biasCorrection } }) {
    const step = state.d.mul(lr);
    const delta = biasCorrection ? step.mul(biasFactor(beta1, beta2, t)) : step;
    const { g, w: from } = withDecay(w, oracle.grad(w), { lr: delta, weightDecay, decay });
    const b = beta2.sqrt();
    const n = delta.mul(inner(g, state.s.div(state.v.sqrt().add(eps))));
    const m = ema(state.m, g.mul(delta), beta1);
    const v = ema(state.v, g.square(), beta2);
    const s = ema(state.s, g.mul(delta), b);
    const r = b.mul(state.r).add(oneMinus(b).mul(n));
    const estimate = ratio(r, oneMinus(b).mul(globally.sums(s.abs())));
    const d = where(lr.eq(0), state.d, grown(state.d, estimate, growth));
    return { w: from.sub(m.div(v.sqrt().add(eps))), state: { d, r, s, m, v } };
  },
});
