import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { full, where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import {
  choose,
  fold,
  join,
  meanOr,
  noMean,
  pointAfter,
  type RunningMean,
  restarted,
  shifted,
} from '../averaging/running-mean.ts';
import { count, linear, within } from '../hyper.ts';
import { defineWrapper } from '../wrapper.ts';

/** The mean of the valley so far, and of the segments after its last good one. */
type Valley = { readonly valley: RunningMean; readonly pending: RunningMean };

const either = (when: Tensor, a: RunningMean, b: RunningMean): RunningMean => ({
  mean: choose(when, a.mean, b.mean),
  count: where(when, a.count, b.count),
});

/** Adds a segment; if its loss is under the threshold, it and all before it belong to the valley. */
function extend({ valley, pending }: Valley, segment: Bundle, loss: Tensor, threshold: Tensor): Valley {
  const waiting = fold(pending, segment);
  const good = loss.le(threshold);
  return { valley: either(good, join(valley, waiting), valley), pending: restarted(waiting, good) };
}

/**
 * SWAD: the mean of all iterates within a valley of the validation loss. Cha et al. 2021, arXiv:2102.08604, Algorithm 1.
 *
 * A segment is what lies between two evaluations of the run; E_i is the loss after segment i, that of the weights themselves.
 *
 *   begins at the first i with E_{i-Ns+1} = min(E_{i-Ns+1} ... E_i), from segment i - Ns + 1 on;  threshold = r mean(E_{i-Ns+1} ... E_i)
 *   ends at the first i with min(E_{i-Ne+1} ... E_i) > threshold, with segment i - Ne
 *
 * i - Ne is always the last segment whose loss is no more than the threshold, so the mean up to it and that of the later segments are all that must be
 * kept, beside the last Ns - 1 segments until the valley has begun: Ns + 2 floats for each parameter. A valley that never ends reaches to its last
 * such segment. Evaluations are at the weights until the valley has ended or the run has, then at the mean; the segment that ends with
 * the run has no loss yet and is left out. A run without a valley gives the mean of its last segment. Losses must be positive.
 *
 * The authors' code counts the start segment twice and may reach back before it; we follow the paper. Ns = 3, Ne = 6, r = 1.3 there, 50 to 500
 * steps in a segment: evaluate often.
 */
export const swad = defineWrapper({
  id: 'swad',
  summary: 'the mean of all iterates within a valley of the validation loss',
  source: 'Cha et al. 2021, arXiv:2102.08604, Algorithm 1',
  hyper: {
    swadOptimum: count(3, 'Ns: evaluations over which the loss must not improve'),
    swadOverfit: count(6, 'Ne: evaluations above the threshold that end the valley'),
    swadTolerance: within('[1, inf)', (v) => v >= 1)(1.3, {
      tune: linear(1, 1.5),
      doc: 'r: threshold as a multiple of the mean loss where the valley began',
    }),
  },
  init: (w, { swadOptimum: Ns }) => ({
    segment: noMean(w),
    valley: noMean(w),
    pending: noMean(w),
    /** The last Ns - 1 segments, oldest first, and the last Ns losses. */
    segments: Array.from({ length: Ns - 1 }, () => zerosLike(w)),
    losses: full([Ns], Number.MAX_VALUE, 'float64'),
    /** 0 before the valley. */
    threshold: scalar(0, 'float64'),
    seen: scalar(0, 'float64'),
  }),
  step(context, step, base) {
    const { state, validation, hyper } = context;
    const { swadOverfit: Ne } = hyper;
    const next = step();
    const isNew = validation.count.gt(state.seen).and(state.pending.count.lt(Ne));
    const { loss } = validation;
    const losses = shifted(state.losses, loss);
    const segments = [...state.segments, state.segment.mean];

    const started = state.threshold.gt(0);
    const known = losses.at(0, 0).lt(Number.MAX_VALUE);
    const starts = known.and(losses.at(0, 0).le(losses.min(0)));
    const threshold = where(started, state.threshold, where(starts, losses.mean(0).mul(hyper.swadTolerance), 0));

    const grown = extend(state, state.segment.mean, loss, threshold);
    const begun = segments.reduce<Valley>((valley, segment, i) => extend(valley, segment, losses.at(0, i), threshold), {
      valley: noMean(state.valley.mean),
      pending: noMean(state.pending.mean),
    });
    const now = (part: keyof Valley) =>
      either(isNew.and(started), grown[part], either(isNew.and(starts), begun[part], state[part]));
    return {
      ...next,
      own: {
        segment: fold(restarted(state.segment, validation.count.gt(state.seen)), pointAfter(context, next, base)),
        valley: now('valley'),
        pending: now('pending'),
        segments: state.segments.map((old, i) => choose(isNew, segments[i + 1], old)),
        losses: where(isNew, losses, state.losses),
        threshold: where(isNew, threshold, state.threshold),
        seen: validation.count,
      },
    };
  },
  evaluationPoint({ state, t, horizon, hyper: { swadOverfit: Ne } }, evaluate) {
    const point = evaluate();
    const ended = t.ge(horizon).or(state.pending.count.ge(Ne));
    return choose(ended, meanOr(state.valley, meanOr(state.segment, point)), point);
  },
});
