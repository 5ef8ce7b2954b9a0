import type { Bundle } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, flag, fraction, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2, oneMinus } from '../rules.ts';
import { checkNesterov, heavyBall, initHeavyBall } from './heavy-ball.ts';

/**
 * SGDClip and SGDClipMomentum: the step is no longer than gamma. Zhang, Jin, Fang & Wang 2020, arXiv:2010.02519, Algorithm 1.
 *
 *   b <- momentum b + g,  u = b, or g + momentum b (Nesterov), or g (momentum 0),   w <- w - min(lr, gamma / |u|) u
 *
 * |u| runs over all parameters, weight decay (L2, in g) and momentum included; eps is added to it. gamma bounds the step: clipping gradients to
 * the norm C before a step lr is gamma = lr C. `clipBy`:
 *   'direction'   as above (Crawshaw et al. 2022, Generalized SignSGD)
 *   'gradient'    the norm is that of the raw gradient, without decay and momentum (CELGC)
 *   'mixed'       w <- w - nu min(lr, gamma / |m|) m - (1 - nu) min(lr, gamma / |g|) g,  m <- momentum m + (1 - momentum) g  (Zhang et al.)
 *   'mixed-soft'  the same with lr / (1 + lr |m| / gamma) in the place of each minimum (Zhang et al.'s code, where momentum is 0.999, nu 0.7)
 * Zhang et al.'s own SGDClip averages too, which with lr / (1 - momentum) in the place of lr is 'direction', but for eps.
 */
export const sgdClip = defineOptimizer({
  id: 'sgd-clip',
  summary: 'SGD whose steps are no longer than a bound',
  source: 'Zhang, Jin, Fang & Wang 2020, arXiv:2010.02519, Algorithm 1; Crawshaw et al. 2022, arXiv:2208.11195',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 1), doc: 'step size' }),
    gamma: positive(0.1, { tune: log(1e-2, 10), doc: 'longest step' }),
    momentum: optional(unit(0, { tune: logOneMinus(0.5, 0.99), doc: 'decay of the momentum buffer; 0 keeps none' })),
    nesterov: flag(false, 'look ahead along the buffer'),
    clipBy: choice('direction', ['direction', 'gradient', 'mixed', 'mixed-soft'], 'whose norm decides'),
    nu: fraction(0.7, { doc: 'share of the momentum in the mixed forms' }),
    eps: positive(1e-10, { doc: 'added to norms' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  check: ({ nesterov, momentum, clipBy }) =>
    checkNesterov(nesterov, momentum) ??
    (nesterov && clipBy.startsWith('mixed')
      ? `nesterov is true but clipBy is '${clipBy}', which has no such form`
      : null),
  init: (w, { momentum }) => initHeavyBall(w, momentum),
  step({ w, state, oracle, hyper: { lr, gamma, momentum, nesterov, clipBy, nu, eps, weightDecay } }) {
    const raw = oracle.grad(w);
    const g = l2(raw, w, weightDecay);
    const rate = (x: Bundle): Tensor => {
      const norm = x.norm();
      return clipBy === 'mixed-soft' ? lr.div(lr.mul(norm).div(gamma).add(1)) : lr.minimum(gamma.div(norm.add(eps)));
    };
    const mixed = clipBy === 'mixed' || clipBy === 'mixed-soft';
    const { u, state: next } = heavyBall(state, g, momentum, { nesterov, averaged: mixed });
    if (!mixed) return { w: w.sub(u.mul(rate(clipBy === 'gradient' ? raw : u))), state: next };
    return { w: w.sub(u.mul(rate(u).mul(nu))).sub(g.mul(rate(g).mul(oneMinus(nu)))), state: next };
  },
});
