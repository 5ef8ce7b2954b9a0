import { choice, linear, log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2, shrink, stepsOf } from '../rules.ts';
import { fold, meanOr, noMean } from './running-mean.ts';

/**
 * ASGD: SGD with a decaying rate and decay of the weights, evaluated at the mean of its iterates. Polyak & Juditsky 1992; rates of Xu 2011,
 * arXiv:1107.2490, section 2, as PyTorch's ASGD has them.
 *
 *   eta = lr / (1 + lambda lr (t - 1))^alpha,  w <- (1 - lambda eta) w - eta g;  a is the mean of w after step averageStart
 *
 * PyTorch's average leaves out the first iterate after t0, as it sets its weight for a step before the step: `averageForm: 'pytorch'`. Its t0 is 1e6,
 * so that most runs never average; ours is the second half of the run. lambda spares biases and gains, as all decay does here.
 */
export const asgd = defineOptimizer({
  id: 'asgd',
  summary: 'averaged SGD with decaying rate',
  source: 'Polyak & Juditsky 1992; Xu 2011, arXiv:1107.2490, section 2',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-2, 1), doc: 'step size of the first step' }),
    lambda: nonNegative(1e-4, { doc: 'decay of the weights, and of the rate' }),
    alpha: nonNegative(0.75, { tune: linear(0.5, 1), doc: 'power of the decay of the rate' }),
    averageStart: nonNegative(0.5, { doc: 'steps before the average begins, t0; below 1: a share of the run' }),
    averageForm: choice('exact', ['exact', 'pytorch'], 'pytorch: without the first iterate after averageStart'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w) => noMean(w),
  step({ w, state, oracle, t, horizon, hyper: { lr, lambda, alpha, averageStart, averageForm, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const eta = lr.div(lambda.mul(lr).mul(t.sub(1)).add(1).pow(alpha));
    const next = shrink(w, lambda.mul(eta)).sub(g.mul(eta));
    const start = stepsOf(averageStart, horizon);
    return { w: next, state: fold(state, next, t.gt(averageForm === 'exact' ? start : start.add(1))) };
  },
  evaluationPoint: ({ w, state }) => meanOr(state, w),
});
