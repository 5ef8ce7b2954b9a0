import { fold, meanOr, noMean, pointAfter, remainder, restarted } from '../averaging/running-mean.ts';
import { count, linear, nonNegative, optional } from '../hyper.ts';
import { stepsOf } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * Stochastic weight averaging: evaluates at the mean of weights taken every c steps, late in a run of constant or cyclic rate. Izmailov et al.
 * 2018, arXiv:1803.05407, Algorithm 1.
 *
 *   at each c-th step after swaStart:  w_swa <- (n w_swa + w) / (n + 1),  n <- n + 1
 *
 * Training goes on from w, never from w_swa. c is an epoch in the paper, or the cycle of the rate, whose end is where the rate is lowest; the
 * schedule 'swa-rate' has both. We average at multiples of c in the run. With `swaWindow` the mean begins anew at multiples of that many steps:
 * the consecutive windows of Hagele et al. 2024, arXiv:2405.18392 (500, c = 5).
 *
 * Batch norm: the running statistics belong to w, not to w_swa. Evaluations during training use them as they are; the authors recompute them by
 * a pass over the training data at the end: `recomputeStatistics` does.
 */
export const swa = defineWrapper({
  id: 'swa',
  summary: 'evaluates at the mean of weights taken late, every so many steps',
  source: 'Izmailov et al. 2018, arXiv:1803.05407, Algorithm 1',
  hyper: {
    swaStart: nonNegative(0.75, {
      tune: linear(0.3, 0.9),
      doc: 'steps before the average begins; below 1: a share of the run',
    }),
    swaEvery: count(10, 'c: steps between weights that are averaged'),
    swaWindow: optional(
      nonNegative(0, { doc: 'steps after which the mean begins anew, a multiple of swaEvery; 0: never' }),
    ),
  },
  check: ({ swaEvery, swaWindow }) =>
    swaWindow % swaEvery === 0 ? null : `swaWindow is ${swaWindow}; it must be a multiple of swaEvery, ${swaEvery}`,
  init: (w) => noMean(w),
  step(context, step, base) {
    const { state, t, horizon, every, hyper } = context;
    const { swaEvery: c, swaWindow } = hyper;
    const next = step();
    if (!every(c, c - 1)) return { ...next, own: state };
    const before = swaWindow ? restarted(state, remainder(t, swaWindow).eq(0)) : state;
    const due = t.gt(stepsOf(hyper.swaStart, horizon));
    return { ...next, own: fold(before, pointAfter(context, next, base), due) };
  },
  evaluationPoint: ({ state }, evaluate) => meanOr(state, evaluate()),
});
