import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { choice, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus, shrink, shrinkProximally } from '../rules.ts';
import { firstDistance, globally, grown, growth, ratio } from './distance.ts';

/**
 * D-Adapted Adan: Adan scaled by a lower bound on the distance to the solution. Defazio & Mishchenko 2023, arXiv:2301.07733, for the estimate;
 * facebookresearch/dadaptation for the method, which is called experimental there.
 *
 *   delta = d lr,  e = g - g_before (0 at first),  m <- beta1 m + (1 - beta1) delta g,  n <- beta2 n + (1 - beta2) delta e
 *   v <- beta3 v + (1 - beta3) (g + beta2 e)^2,  D = sqrt(v) + eps,  s <- beta3 s + (1 - beta3) delta g
 *   q <- beta3 q + (1 - beta3) delta^2 sum g^2 / D,  d <- max(d, (sum s^2 / D / (1 - beta3) - q) / |s|_1)
 *   w <- (w - (m + beta2 n) / D) / (1 + weightDecay delta)
 *
 * Betas are decays, as in Adam (Adan's paper writes 1 - beta). delta has the old d. `form: 'decoupled'` multiplies w by 1 - weightDecay delta
 * before the step in the place of the proximal division. pytorch_optimizer squares g + beta2 e twice, so that its v is of the fourth power:
 * not followed.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const dAdaptationAdan = defineOptimizer({
  id: 'd-adaptation-adan',
  summary: 'Adan scaled by a growing lower bound on the distance to the solution',
  source: 'facebookresearch/dadaptation; Defazio & Mishchenko 2023, arXiv:2301.07733',
  hyper: {
    lr: positive(1, { tune: log(0.1, 10), doc: 'factor of the step size, for schedules' }),
    d0: firstDistance(1e-6, 1e-2),
    growth,
    beta1: unit(0.98, { doc: 'decay of the mean gradient' }),
    beta2: unit(0.92, { doc: 'decay of the mean difference of gradients' }),
    beta3: unit(0.99, { doc: 'decay of the second moment and of the estimate' }),
    eps: positive(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decay, times d lr' })),
    form: choice('proximal', ['proximal', 'decoupled'], 'how the decay shrinks w: after the step, or before it'),
  },
  init: (w, { d0 }) => {
    const zero = zerosLike(w);
    return { d: d0, q: scalar(0, 'float64'), s: zero, m: zero, n: zero, v: zero, before: zero };
  },
  step({ w, state, oracle, t, hyper: { lr, growth, beta1, beta2, beta3, eps, weightDecay, form } }) {
    const g = oracle.grad(w);
    const delta = state.d.mul(lr);
    const change = g.sub(state.before).mul(t.gt(1).cast('float64'));
    const m = ema(state.m, g.mul(delta), beta1);
    const n = ema(state.n, change.mul(delta), beta2);
    const v = ema(state.v, g.add(change.mul(beta2)).square(), beta3);
    const root = v.sqrt().add(eps);

    const s = ema(state.s, g.mul(delta), beta3);
    const q = beta3.mul(state.q).add(
      oneMinus(beta3)
        .mul(delta.square())
        .mul(globally.sums(g.square().div(root))),
    );
    const squares = globally.sums(s.square().div(root)).div(oneMinus(beta3));
    const d = where(lr.eq(0), state.d, grown(state.d, ratio(squares.sub(q), globally.sums(s.abs())), growth));

    const step = m.add(n.mul(beta2)).div(root);
    const rate = weightDecay?.mul(delta);
    const next = form === 'proximal' ? shrinkProximally(w.sub(step), rate) : shrink(w, rate).sub(step);
    return { w: next, state: { d, q, s, m, n, v, before: g } };
  },
});
