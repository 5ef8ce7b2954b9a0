import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { decayForm, withDecay } from '../adaptive/decay.ts';
import { count, flag, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema } from '../rules.ts';
import { firstDistance, growth, ratio } from './distance.ts';

/** Every k-th element of all parameters in a row. */
const thinned = (x: Bundle, k: number): Tensor => (k === 1 ? x.flat : x.flat.slice([0], [x.layout.size], [k]));

/**
 * Prodigy: D-Adapted Adam whose weights grow with d, so that the estimate forgets its small beginnings faster. Mishchenko & Defazio 2023,
 * arXiv:2306.06101, the Adam version, in the form of the authors' code.
 *
 *   delta = d lr,  r <- b r + (d / d0) delta <g, w_0 - w>,  s <- b s + (d / d0) delta g,  b = sqrt(beta2), or beta3
 *   m <- beta1 m + (1 - beta1) d g,  v <- beta2 v + (1 - beta2) d^2 g^2,  d <- max(d, dCoef r / |s|_1)
 *   w <- (1 - weightDecay delta) w - delta m / (sqrt(v) + d eps)
 *
 * delta has the old d, eps meets the new one. The factors d / d0, which cancel in r / |s|_1, keep r and s from underflow; the paper has none.
 * `safeguardWarmup` leaves lr out of s (s <- b s + (d / d0) d g), so that a warmup does not blow up the estimate. `growth` limits d after its
 * first growth to growth times its last value, and remembers the largest estimate. `slices` k estimates from every k-th element only: s and
 * w_0 then cost 1 / k floats (the authors slice each tensor, here all parameters in a row).
 */
export const prodigy = defineOptimizer({
  id: 'prodigy',
  summary: 'Adam that finds its own step size: D-Adaptation with growing weights',
  source: 'Mishchenko & Defazio 2023, arXiv:2306.06101; konstmish/prodigy',
  hyper: {
    lr: positive(1, { tune: log(0.1, 10), doc: 'factor of the step size, for schedules; 1 is meant to do' }),
    d0: firstDistance(1e-6, 1e-2),
    dCoef: positive(1, { tune: log(0.25, 4), doc: 'factor of the estimate' }),
    growth,
    beta1: unit(0.9, { doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    beta3: optional(unit(0, { doc: 'decay of the estimate; 0: sqrt(beta2)' })),
    eps: positive(1e-8, { doc: 'added to the root of the second moment, times d' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decay of w, times d lr' })),
    decay: decayForm('decoupled'),
    biasCorrection: flag(false, 'correct the bias of both moments, in the step size'),
    safeguardWarmup: flag(false, 'leave lr out of the denominator of the estimate'),
    slices: count(1, 'estimate from every k-th element'),
  },
  init: (
    w,
    { d0, growth, slices },
  ): { d: Tensor; r: Tensor; m: Bundle; v: Bundle; s: Tensor; start: Tensor; largest?: Tensor } => ({
    d: d0,
    r: scalar(0, 'float64'),
    m: zerosLike(w),
    v: zerosLike(w),
    s: thinned(zerosLike(w), slices),
    start: thinned(w, slices),
    ...(growth && { largest: d0 }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, d0, dCoef, growth, beta1, beta2, beta3, eps, weightDecay, biasCorrection, safeguardWarmup } = hyper;
    const { d, start } = state;
    const step = d.mul(lr);
    const delta = biasCorrection ? step.mul(biasFactor(beta1, beta2, t)) : step;
    const { g, w: from } = withDecay(w, oracle.grad(w), { lr: delta, weightDecay, decay: hyper.decay });
    const b = beta3 ?? beta2.sqrt();
    const scale = d.div(d0);

    const seen = thinned(g, hyper.slices);
    const way = start.sub(thinned(w, hyper.slices));
    const r = b.mul(state.r).add(scale.mul(delta).mul(seen.dot(way)));
    const s = state.s.mul(b).add(seen.mul(scale.mul(safeguardWarmup ? d : delta)));
    const estimate = dCoef.mul(ratio(r, s.abs().sum().cast('float64')));

    const m = ema(state.m, g.mul(d), beta1);
    const v = ema(state.v, g.mul(d).square(), beta2);
    const known = (state.largest ?? d).maximum(estimate);
    const limited = growth ? known.minimum(where(d.eq(d0), d.maximum(estimate), d).mul(growth)) : known;
    const still = lr.eq(0);
    const nextD = where(still, d, limited);
    const direction = m.div(v.sqrt().add(nextD.mul(eps)));
    return {
      w: from.sub(direction.mul(delta)),
      state: { d: nextD, r, m, v, s, start, ...(state.largest && { largest: where(still, state.largest, known) }) },
    };
  },
});
