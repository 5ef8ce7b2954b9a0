import { type Bundle, perTensor, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, count, flag, log, nonNegative, optional, positive, unit, within } from '../hyper.ts';
import { newtonSchulz } from '../matrix/newton-schulz.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, shrink, shrinkProximally } from '../rules.ts';

/** The gradient of |c|_p: sign(c) (|c| / |c|_p)^(p - 1), 0 at c = 0. Over the largest element first, so that no power overflows. */
function gradientOfNorm(c: Tensor, p: Tensor): Tensor {
  const top = c.abs().max();
  const scaled = c.abs().div(where(top.gt(0), top, 1));
  const norm = scaled.pow(p).sum().pow(p.reciprocal()).maximum(1);
  return c.sign().mul(scaled.div(norm).pow(p.sub(1)));
}

/** U V' of the tensor as a matrix [out, rest], from Newton-Schulz iterations; a vector is a matrix of one column: c / |c|. */
function polarFactor(c: Tensor, steps: number): Tensor {
  if (c.rank >= 2) return newtonSchulz(c.reshape([c.shape[0], -1]), { steps, eps: 1e-30 }).reshape(c.shape);
  const top = c.abs().max();
  const scaled = c.div(where(top.gt(0), top, 1));
  return scaled.div(scaled.norm().maximum(1));
}

interface Kappa {
  readonly kappa: 'l1' | 'lp' | 'soft' | 'huber' | 'logcosh' | 'quadratic' | 'nuclear';
  readonly scope: 'all' | 'tensor';
  readonly p: Tensor;
  readonly edge: Tensor;
  readonly steps: number;
}

/** The gradient of the convex function kappa. */
function gradientOfKappa(c: Bundle, { kappa, scope, p, edge, steps }: Kappa): Bundle {
  const each = (rule: (x: Tensor) => Tensor) =>
    perTensor(([x], { shape }) => rule(shape.length === 0 ? x.reshape([1]) : x).reshape(shape), c);
  switch (kappa) {
    case 'l1':
      return c.sign();
    case 'lp':
      return scope === 'all' ? c.map((flat) => gradientOfNorm(flat, p)) : each((x) => gradientOfNorm(x, p));
    case 'soft':
      return c.sign().where(c.abs().gt(edge), 0);
    case 'huber':
      return c.div(edge).clip(-1, 1);
    case 'logcosh':
      return c.div(edge).map((x) => x.tanh());
    case 'quadratic':
      return c;
    case 'nuclear':
      return each((x) => polarFactor(x, steps));
  }
}

/**
 * Lion-K: Lion with the gradient of a convex kappa (even, kappa(0) = 0) in the place of the sign. Chen et al. 2024, arXiv:2310.05898.
 *
 *   c = beta1 m + (1 - beta1) g,  w <- w - lr (grad kappa(c) + weightDecay w),  then m <- beta2 m + (1 - beta2) g
 *
 * It minimises f(w) + kappa*(weightDecay w) / weightDecay, kappa* the convex conjugate; the paper keeps -m.
 *
 *   kappa      kappa(c)                  grad kappa(c)                      with weightDecay L it solves
 *   l1         |c|_1                     sign(c)                            f, |w|_inf <= 1 / L  (Lion)
 *   lp         |c|_p                     sign(c) (|c| / |c|_p)^(p - 1)      f, |w|_q <= 1 / L, 1/p + 1/q = 1  (p = 2: normalised momentum)
 *   soft       sum max(|c| - edge, 0)    sign(c) where |c| > edge           f + edge |w|_1, |w|_inf <= 1 / L
 *   huber      Huber's, of width edge    clip(c / edge, -1, 1)              f + (edge L / 2) |w|^2, |w|_inf <= 1 / L
 *   logcosh    edge sum log cosh(c/edge) tanh(c / edge)                     f + entropies of w L, |w|_inf <= 1 / L
 *   quadratic  |c|^2 / 2                 c                                  f + (L / 2) |w|^2  (SGD with momentum and decay)
 *   nuclear    sum of singular values    U V'                               f, spectral norm <= 1 / L  (Muon without its scale)
 *
 * Each row was derived anew by conjugacy; logcosh is Optax's smooth Lion, huber with edge 1 its refined one. The constrained ones reach their
 * set at a rate of 1 - lr L in every step, whatever the gradients, and never leave it. 'lp' takes the norm over all parameters as the paper
 * does, or tensor by tensor (`scope`). 'nuclear' uses Muon's quintic Newton-Schulz iterations, whose singular values end near 1 but not at it:
 * the bound is loose by as much. `implicit` divides by 1 + lr weightDecay instead, as the paper's discrete analysis (which assumes
 * beta1 < beta2) does. grad kappa(0) is 0 throughout. Biases and norm gains are not decayed, so not bounded.
 */
export const lionK = defineOptimizer({
  id: 'lion-k',
  summary: 'Lion with the gradient of any of seven convex functions in the place of the sign',
  source: 'Chen et al. 2024, arXiv:2310.05898',
  hyper: {
    lr: positive(1e-4, {
      tune: log(1e-5, 3e-3),
      doc: 'step size; the largest step of a coordinate where kappa bounds it',
    }),
    beta1: unit(0.9, { doc: 'share of momentum in the blend' }),
    beta2: unit(0.99, { doc: 'decay of the momentum' }),
    kappa: choice(
      'l1',
      ['l1', 'lp', 'soft', 'huber', 'logcosh', 'quadratic', 'nuclear'],
      'the convex function whose gradient is stepped along',
    ),
    p: within('[1, inf)', (p) => p >= 1)(2, { doc: 'exponent of kappa lp' }),
    edge: positive(1e-3, { tune: log(1e-5, 1e-1), doc: 'threshold of kappa soft, width of huber and logcosh' }),
    scope: choice('all', ['all', 'tensor'], 'what the norm of kappa lp runs over'),
    steps: count(5, 'Newton-Schulz iterations of kappa nuclear'),
    implicit: flag(false, 'implicit weight decay: w is divided by 1 + lr weightDecay after the step'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-2, 10), doc: 'decoupled decay, times lr; 1 / the radius' })),
  },
  init: (w) => ({ m: zerosLike(w) }),
  step({ w, state, oracle, hyper: { lr, beta1, beta2, weightDecay, implicit, ...kappa } }) {
    const g = oracle.grad(w);
    const move = gradientOfKappa(ema(state.m, g, beta1), kappa).mul(lr);
    const rate = weightDecay?.mul(lr);
    const next = implicit ? shrinkProximally(w.sub(move), rate) : shrink(w, rate).sub(move);
    return { w: next, state: { m: ema(state.m, g, beta2) } };
  },
});
