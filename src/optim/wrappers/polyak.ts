import { where } from '../../tensor/functions.ts';
import { meanOr, noMean, pointAfter, type RunningMean } from '../averaging/running-mean.ts';
import { flag, nonNegative } from '../hyper.ts';
import { ema, oneMinus, stepsOf } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * Polyak-Ruppert averaging: evaluates at the mean of the iterates. Polyak & Juditsky 1992; Ruppert 1988. The suffix of a run alone: Rakhlin,
 * Shamir & Sridharan 2012, arXiv:1109.5647; polynomial decay: Shamir & Zhang 2013, arXiv:1212.1824, eq. 2.
 *
 *   n-th iterate after polyakStart:  a <- (1 - c) a + c w_t,  c = (eta + 1) / (n + eta)
 *
 * eta = polynomialDecay: 0 is the plain mean, 3 a popular value that forgets the first iterates. The first average is the first iterate, whatever
 * eta. Whether w at the start itself counts (w_0) is a convention: `includeStart`. The mean from step 100 on is the SMA of Arpit et al. 2022, and
 * from a later step on the average of students and teachers in Berezovskiy & Morozov 2023, arXiv:2309.11446, whose loss `distillation` is. Until the average begins, the weights are evaluated.
 */
export const polyak = defineWrapper({
  id: 'polyak',
  summary: 'evaluates at the mean of the iterates',
  source: 'Polyak & Juditsky 1992; Shamir & Zhang 2013, arXiv:1212.1824, eq. 2',
  hyper: {
    polyakStart: nonNegative(0, {
      doc: 'steps before the average begins; below 1: a share of the run (0.5: the last half)',
    }),
    polynomialDecay: nonNegative(0, { doc: 'eta: later iterates weigh more' }),
    includeStart: flag(false, 'the weights that the average starts from count too'),
  },
  init: (w) => noMean(w),
  step(context, step, base) {
    const { state, t, horizon, hyper } = context;
    const next = step();
    const start = stepsOf(hyper.polyakStart, horizon);
    // The state begins with w_0 as its mean: to include it is to count it.
    const before: RunningMean = hyper.includeStart
      ? { ...state, count: where(t.eq(1).and(start.eq(0)), 1, state.count) }
      : state;
    const due = hyper.includeStart ? t.ge(start) : t.gt(start);
    const n = before.count.add(1);
    const c = hyper.polynomialDecay.add(1).div(n.add(hyper.polynomialDecay));
    const mean = ema(before.mean, pointAfter(context, next, base), where(due, oneMinus(c), 1));
    return { ...next, own: { mean, count: where(due, n, before.count) } };
  },
  evaluationPoint: ({ state }, evaluate) => meanOr(state, evaluate()),
});
