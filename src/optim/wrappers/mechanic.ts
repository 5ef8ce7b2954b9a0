import { constant } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { count, log, nonNegative, positive } from '../hyper.ts';
import { inner } from '../tuning-free/distance.ts';
import { defineWrapper } from '../wrapper.ts';

const f64 = { dtype: 'float64' } as const;

/** [value, value, ...], float64. */
const each = (bettors: number, value: Tensor | number): Tensor => constant(Array(bettors).fill(1), f64).mul(value);

/**
 * Mechanic: learns the scale of the base's updates by coin betting in one dimension. Cutkosky, Defazio & Mehta 2023, arXiv:2306.00144,
 * Algorithm 1.
 *
 *   h = <g + scaleDecay S |g| / |w| w, Delta>,  Delta = (w_0 - w) / S the base's way so far, S = sum_i s_i
 *   k <- clip(h, -m, m),  m <- max(beta m, |h|),  v <- beta^2 v + h^2,  r <- beta r + s k
 *   s <- (sInit m / bettors + max(r, 0)) / sqrt(v),  w <- w_0 - S (Delta - u),  u the base's update
 *
 * m, v, r, s are vectors, one number for each bettor i, with beta_i = 1 - 10^-i; scaleEps is added to |w|, S, |h| and sqrt(v). The first S is
 * sInit times the number of bettors, the second sInit. The base's lr keeps its schedule; its size is relearned, so lr 1 is the plain choice
 * with SGD. That h is clipped by the old m came after the paper's first version; Optax's implementation, by the authors, has it. A base that
 * keeps parameters of its own does not know of the scale: averages belong around mechanic, and w is evaluated whatever the base says.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const mechanic = defineWrapper({
  id: 'mechanic',
  summary: 'learns the scale of any optimizer by coin betting',
  source: 'Cutkosky, Defazio & Mehta 2023, arXiv:2306.00144, Algorithm 1; Optax contrib.mechanize',
  hyper: {
    sInit: positive(1e-6, { tune: log(1e-6, 1e-1), doc: 'first scale of the updates' }),
    scaleDecay: nonNegative(1e-2, { doc: 'decay of w in the gradient that the bettors see' }),
    scaleEps: positive(1e-8, { doc: 'added to denominators' }),
    bettors: count(6, 'bettors; the i-th forgets with rate 10^-i'),
  },
  init: (w, { sInit, bettors }) => {
    const zero = each(bettors, 0);
    return { start: w, m: zero, v: zero, r: zero, s: each(bettors, sInit) };
  },
  step({ w, state, oracle, hyper: { sInit, scaleDecay, scaleEps: eps, bettors } }, base) {
    const { start } = state;
    const g = oracle.grad(w);
    const next = base();
    const scale = state.s.sum();
    const decay = scaleDecay.mul(scale).mul(g.norm()).div(w.norm().add(eps));
    const way = start.sub(w).div(scale.add(eps));
    const h = inner(g.add(w.mul(decay)), way);

    const beta = constant(
      Array.from({ length: bettors }, (_, i) => 1 - 10 ** -(i + 1)),
      f64,
    );
    const clipped = h.maximum(state.m.neg()).minimum(state.m);
    const m = beta.mul(state.m).maximum(h.abs().add(eps));
    const v = beta.square().mul(state.v).add(h.square());
    const r = beta.mul(state.r).add(clipped.mul(state.s));
    const wealth = m.mul(sInit.div(bettors)).add(r.maximum(0));
    const s = wealth.div(v.sqrt().add(eps));
    const moved = start.sub(way.sub(next.w.sub(w)).mul(s.sum()));
    return { w: moved, state: next.state, own: { start, m, v, r, s } };
  },
  evaluationPoint: ({ w }) => w,
});
