import { where } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { choice, fraction, log, nonNegative, within } from '../hyper.ts';
import { needsRate, scaled } from '../schedules/schedule.ts';
import { defineWrapper } from '../wrapper.ts';

/**
 * Reduce on plateau: every learning rate of the base is multiplied by a factor when evaluations have ceased to improve. It is PyTorch's
 * `ReduceLROnPlateau`; there is no paper. At each new evaluation of the run with loss v, threshold being plateauThreshold:
 *
 *   better = v < best - threshold best,  or v < best - threshold with thresholdMode 'absolute';  plateauMode 'max': > and +
 *   better: best <- v, bad <- 0;  else bad <- bad + 1;  within a cooldown: cooldown <- cooldown - 1, bad <- 0
 *   bad > patience: scale <- max(plateauFactor scale, smallestFactor) where that changes it by more than minChange;
 *                   bad <- 0, cooldown <- cooldownEvaluations
 *
 * The new rate serves the steps after the evaluation. smallestFactor and minChange are relative to lr, as in every schedule (PyTorch's min_lr
 * and eps are rates). The evaluations are the trainer's, on the validation set: some published runs looked at the test set here. A loss that
 * is not a number is a bad one. plateauForm 'optax' fires when bad EQUALS patience, one evaluation sooner, and looks at no minChange. Without
 * evaluations nothing happens.
 */
export const plateau = defineWrapper({
  id: 'plateau',
  summary: 'smaller rates when evaluations cease to improve',
  source: 'common practice; PyTorch ReduceLROnPlateau, Optax reduce_on_plateau',
  hyper: {
    plateauFactor: within('(0, 1)', (v) => v > 0 && v < 1)(0.1, {
      tune: log(0.05, 0.7),
      doc: 'what the rate is multiplied by',
    }),
    patience: nonNegative(10, { doc: 'evaluations without improvement that are borne' }),
    plateauThreshold: nonNegative(1e-4, { doc: 'how much better an evaluation must be than the best' }),
    thresholdMode: choice('relative', ['relative', 'absolute'], 'threshold as a share of the best, or as it is'),
    plateauMode: choice('min', ['min', 'max'], 'is a smaller loss better, or a larger one?'),
    cooldownEvaluations: nonNegative(0, { doc: 'evaluations after a reduction that count as neither good nor bad' }),
    smallestFactor: fraction(0, { doc: 'smallest factor' }),
    minChange: nonNegative(1e-8, { doc: 'smaller changes of the factor are not made' }),
    plateauForm: choice('pytorch', ['pytorch', 'optax'], 'optax: fires at `patience` bad evaluations, not at one more'),
  },
  check: (_, base) => needsRate(base),
  init: (_, { plateauMode: mode }) => {
    const number = (x: number) => scalar(x, 'float64');
    return {
      scale: number(1),
      best: number(mode === 'min' ? Number.MAX_VALUE : -Number.MAX_VALUE),
      bad: number(0),
      cooldown: number(0),
      seen: number(0),
    };
  },
  step({ state, validation, hyper, schedule }, step, base) {
    const {
      plateauFactor: factor,
      plateauThreshold: threshold,
      plateauMode: mode,
      plateauForm: form,
      smallestFactor: floor,
    } = hyper;
    const { patience, thresholdMode, cooldownEvaluations, minChange } = hyper;
    const { loss: v } = validation;
    const isNew = validation.count.gt(state.seen);
    const sign = mode === 'min' ? 1 : -1;
    const margin = thresholdMode === 'relative' ? state.best.mul(threshold) : threshold;
    const bar = state.best.sub(margin.mul(sign));
    const better = mode === 'min' ? v.lt(bar) : v.gt(bar);

    const cooling = state.cooldown.gt(0);
    const bad = where(better.or(cooling), 0, state.bad.add(1));
    const fires = isNew.and(form === 'pytorch' ? bad.gt(patience) : bad.ge(patience).and(bad.gt(0)));
    const reduced = state.scale.mul(factor).maximum(floor);
    const changes = form === 'pytorch' ? fires.and(state.scale.sub(reduced).gt(minChange)) : fires;
    const scale = where(changes, reduced, state.scale);
    const own = {
      scale,
      best: where(isNew.and(better), v, state.best),
      bad: where(fires, 0, where(isNew, bad, state.bad)),
      cooldown: where(fires, cooldownEvaluations, where(isNew, state.cooldown.sub(1).maximum(0), state.cooldown)),
      seen: validation.count,
    };
    return { ...step(scaled({ hyper, schedule }, base, scale)), own };
  },
});
