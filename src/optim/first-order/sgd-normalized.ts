import { where } from '../../tensor/functions.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2 } from '../rules.ts';
import { checkNesterov, heavyBall, initHeavyBall } from './heavy-ball.ts';

/**
 * Normalised SGD: every step has length lr. Without momentum: Hazan, Levy & Shalev-Shwartz 2015, arXiv:1507.02030 (NGD); with it: Cutkosky &
 * Mehta 2020, arXiv:2002.03305, Algorithm 1 (NSGD-M).
 *
 *   b <- momentum b + g,  u = b, or g + momentum b (Nesterov), or g (momentum 0),   w <- w - lr u / (|u| + eps)
 *
 * Cutkosky & Mehta average, b <- momentum b + (1 - momentum) g from b = 0: the same direction, but for what eps is compared with (`averaged`).
 * |u| runs over all parameters, or with `scope: 'tensor'` over each tensor alone. A direction of length 0 moves nothing, with eps 0 too.
 */
export const sgdNormalized = defineOptimizer({
  id: 'sgd-normalized',
  summary: 'steps of one length along the gradient or the momentum',
  source: 'Hazan, Levy & Shalev-Shwartz 2015, arXiv:1507.02030; Cutkosky & Mehta 2020, arXiv:2002.03305, Algorithm 1',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 1), doc: 'length of every step' }),
    momentum: optional(unit(0.9, { tune: logOneMinus(0.5, 0.99), doc: 'decay of the momentum buffer; 0 keeps none' })),
    nesterov: flag(false, 'look ahead along the buffer'),
    averaged: flag(false, 'the buffer is a moving average; false: a sum'),
    scope: choice('global', ['global', 'tensor'], 'what one norm runs over'),
    eps: nonNegative(1e-10, { doc: 'added to the norm' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  check: ({ nesterov, momentum }) => checkNesterov(nesterov, momentum),
  init: (w, { momentum }) => initHeavyBall(w, momentum),
  step({ w, state, oracle, hyper: { lr, momentum, nesterov, averaged, scope, eps, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const { u, state: next } = heavyBall(state, g, momentum, { nesterov, averaged });
    if (scope === 'tensor') {
      const length = u.tensorNorms().add(eps);
      return { w: w.sub(u.div(length.where(length.gt(0), 1)).mul(lr)), state: next };
    }
    const length = u.norm().add(eps);
    return { w: w.sub(u.mul(lr.div(where(length.gt(0), length, 1)))), state: next };
  },
});
