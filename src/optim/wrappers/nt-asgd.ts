import { full, where } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { fold, meanOr, noMean, pointAfter, shifted } from '../averaging/running-mean.ts';
import { choice, count } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * NT-ASGD: averaging begins when the validation loss has ceased to improve. Merity, Keskar & Socher 2017, arXiv:1708.02182, Algorithm 1.
 *
 *   at each evaluation of the run with loss v:  if there were more than n before and v > min(all of them but the last n), average from now on
 *
 * n is nonMonotone. The switch is never undone; from it on evaluations are at the mean of the iterates after it and training goes on as before, at
 * the same rate. nonMonotoneRule 'window' compares with the least of the last n losses instead and fires earlier: so
 * one may read the printed algorithm (not verified); 'code' is the authors'. An evaluation's loss is a mean over the validation set; one that
 * is not a number counts as the worst of all. The authors' recipe: SGD of rate 30, gradients clipped to 0.25, weight decay 1.2e-6,
 * n = 5, an evaluation an epoch. Their "finetuning" is another run from the average with polyak. Without evaluations this is the base.
 */
export const ntAsgd = defineWrapper({
  id: 'nt-asgd',
  summary: 'averages the iterates once the validation loss has ceased to improve',
  source: 'Merity, Keskar & Socher 2017, arXiv:1708.02182, Algorithm 1',
  hyper: {
    nonMonotone: count(5, 'n: evaluations that may be worse than the best before them'),
    nonMonotoneRule: choice(
      'code',
      ['code', 'window'],
      'what a loss is compared with: all but the last n, or the last n',
    ),
  },
  init: (w, { nonMonotone: n }) => ({
    average: noMean(w),
    triggered: scalar(0, 'float64'),
    seen: scalar(0, 'float64'),
    /** The last n losses, oldest first, and the least of those before them. */
    recent: full([n], Number.MAX_VALUE, 'float64'),
    best: scalar(Number.MAX_VALUE, 'float64'),
  }),
  step(context, step, base) {
    const { state, validation, hyper } = context;
    const { recent, best } = state;
    const next = step();
    const isNew = validation.count.gt(state.seen);
    const v = where(validation.loss.lt(Number.MAX_VALUE), validation.loss, Number.MAX_VALUE);
    // With n losses or fewer there is no best yet.
    const enough = best.lt(Number.MAX_VALUE);
    const worse = v.gt(hyper.nonMonotoneRule === 'code' ? best : recent.min(0));
    const triggered = where(isNew.and(enough).and(worse), 1, state.triggered);
    const own = {
      average: fold(state.average, pointAfter(context, next, base), triggered.gt(0)),
      triggered,
      seen: validation.count,
      recent: where(isNew, shifted(recent, v), recent),
      best: where(isNew, best.minimum(recent.at(0, 0)), best),
    };
    return { ...next, own };
  },
  evaluationPoint: ({ state }, evaluate) => meanOr(state.average, evaluate()),
});
