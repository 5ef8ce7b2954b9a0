import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, l2 } from '../rules.ts';
import { firstDistance, globally, grown, growth, ratio } from './distance.ts';

/**
 * D-Adapted AdaGrad: dual averaging with AdaGrad's scales and a lower bound on the distance to the solution. Defazio & Mishchenko 2023,
 * arXiv:2301.07733, Algorithm 3, in the form of the authors' code.
 *
 *   delta = d lr,  v <- v + g^2,  A = sqrt(v) + eps,  q <- q + delta^2 sum g^2 / A,  s <- s + delta g
 *   d <- max(d, (sum s^2 / A - q) / |s|_1),  w <- momentum w + (1 - momentum) (w_0 - s / A)
 *
 * v begins at 1e-6. delta has the d from before the step. d grows more slowly than in the forms for SGD and Adam, which the authors recommend.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const dAdaptationAdagrad = defineOptimizer({
  id: 'd-adaptation-adagrad',
  summary: 'AdaGrad scaled by a growing lower bound on the distance to the solution',
  source: 'Defazio & Mishchenko 2023, arXiv:2301.07733, Algorithm 3; facebookresearch/dadaptation',
  hyper: {
    lr: positive(1, { tune: log(0.1, 10), doc: 'factor of the step size, for schedules' }),
    d0: firstDistance(1e-4, 1),
    growth,
    momentum: optional(unit(0, { doc: 'share of the old w' })),
    eps: nonNegative(0, { doc: 'added to the root of the sum of squares' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w, { d0 }): { d: Tensor; q: Tensor; s: Bundle; v: Bundle; start: Bundle } => ({
    d: d0,
    q: scalar(0, 'float64'),
    s: zerosLike(w),
    v: zerosLike(w).add(1e-6),
    start: w,
  }),
  step({ w, state, oracle, hyper: { lr, growth, momentum, eps, weightDecay } }) {
    const { start } = state;
    const g = l2(oracle.grad(w), w, weightDecay);
    const delta = state.d.mul(lr);
    const v = state.v.add(g.square());
    const root = v.sqrt().add(eps);
    const q = state.q.add(delta.square().mul(globally.sums(g.square().div(root))));
    const s = state.s.add(g.mul(delta));
    const estimate = ratio(globally.sums(s.square().div(root)).sub(q), globally.sums(s.abs()));
    const d = where(lr.eq(0), state.d, grown(state.d, estimate, growth));
    const z = start.sub(s.div(root));
    return { w: momentum ? ema(w, z, momentum) : z, state: { d, q, s, v, start } };
  },
});
