import { where } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { evaluatedAt, fold, meanOr, noMean } from '../averaging/running-mean.ts';
import { count, flag } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';

const source = 'Jain & Madhyastha 2019, arXiv:1909.10447, Algorithms 1 and 2';

/**
 * ASWA, aggressive SWA: the mean of all iterates, which takes the place of the weights after each epoch; so runs of different seeds end closer to
 * each other. Jain & Madhyastha 2019, arXiv:1909.10447.
 *
 *   after each step:  a <- (n a + w) / (n + 1),  n <- n + 1;  after each aswaEvery-th:  w <- a
 *
 * The mean goes on over epochs (the paper's weights 1 / (e n + i + 1), not verified); `aswaRestart` begins it anew in each. The authors' code
 * exchanges w and a at the end of an epoch, so that the average goes on from a raw iterate; we follow the paper and keep a. Evaluations are at a.
 */
export const aswa = defineWrapper({
  id: 'aswa',
  summary: 'the mean of all iterates replaces the weights once an epoch',
  source,
  hyper: {
    aswaEvery: count(100, 'steps of an epoch'),
    aswaRestart: flag(false, 'the mean begins anew in each epoch'),
  },
  init: (w) => noMean(w),
  step({ state, every, hyper: { aswaEvery: k, aswaRestart } }, step) {
    const next = step();
    const own = fold(aswaRestart && every(k) ? noMean(state.mean) : state, next.w);
    return { ...next, ...(every(k, k - 1) && { w: own.mean }), own };
  },
  evaluationPoint: ({ w, state }, evaluate, base) => evaluatedAt(meanOr(state, w), evaluate, base),
});

const noDistances = () => ({ sum: scalar(0, 'float64'), count: scalar(0, 'float64') });

/**
 * NASWA, norm-filtered ASWA: only iterates that are far from the mean are averaged. Jain & Madhyastha 2019, arXiv:1909.10447, and the authors' code.
 *
 *   d = |w - a| over all parameters;  first iterate: a <- w
 *   d > mean of `distances` (0 if there are none):  fold w into a, distances <- [d];  else, if d > 0, append d
 *
 * The distances are forgotten after each epoch, when a takes the place of w. The authors measure two tensors of their model alone and check before
 * the step; we take all parameters, after it.
 */
export const naswa = defineWrapper({
  id: 'naswa',
  summary: 'the mean of iterates that are far from it replaces the weights once an epoch',
  source,
  hyper: { naswaEvery: count(100, 'steps of an epoch') },
  init: (w) => ({ average: noMean(w), distances: noDistances() }),
  step({ state: { average, distances }, every, hyper: { naswaEvery: k } }, step) {
    const next = step();
    const d = next.w.sub(average.mean).norm().cast('float64');
    const first = average.count.eq(0);
    const far = first.or(d.gt(distances.sum.div(distances.count.maximum(1))));
    const folded = fold(average, next.w, far);
    const ends = every(k, k - 1);
    // A distance of 0 is not counted, and the first iterate, which becomes the mean, leaves none.
    const kept = {
      sum: where(first, 0, where(far, d, distances.sum.add(d))),
      count: where(first, 0, where(far, d.sign(), distances.count.add(d.sign()))),
    };
    return {
      ...next,
      ...(ends && { w: folded.mean }),
      own: { average: folded, distances: ends ? noDistances() : kept },
    };
  },
  evaluationPoint: ({ w, state }, evaluate, base) => evaluatedAt(meanOr(state.average, w), evaluate, base),
});
