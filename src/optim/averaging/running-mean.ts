import type { Bundle } from '../../tensor/bundle.ts';
import { concat, where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import type { Optimizer, StepContext, StepResult } from '../optimizer.ts';
import { ema } from '../rules.ts';
import type { BaseEvaluation } from '../wrapper.ts';

// What all averages of weights share: the uniform mean of the points that were folded in, and what a point is.

/** The mean of `count` points; while that is 0, `mean` says nothing. One float for each parameter, and one. */
export type RunningMean = { readonly mean: Bundle; readonly count: Tensor };

export const noMean = (w: Bundle): RunningMean => ({ mean: w, count: scalar(0, 'float64') });

/** The same mean, begun anew where the condition holds: the next point that is folded in replaces it. */
export const restarted = ({ mean, count }: RunningMean, when: Tensor): RunningMean => ({
  mean,
  count: where(when, 0, count),
});

/** Folds a point in: mean <- (count mean + point) / (count + 1). With `when`, only where that holds. */
export function fold({ mean, count }: RunningMean, point: Bundle, when?: Tensor): RunningMean {
  const next = count.add(1);
  const kept = count.div(next);
  if (!when) return { mean: ema(mean, point, kept), count: next };
  return { mean: ema(mean, point, where(when, kept, 1)), count: where(when, next, count) };
}

/** The mean of two sets of points, each given by its mean. */
export function join(a: RunningMean, b: RunningMean): RunningMean {
  const count = a.count.add(b.count);
  return { mean: ema(a.mean, b.mean, a.count.div(count.maximum(1))), count };
}

/** The first bundle where the condition holds, the second elsewhere. */
export const choose = (condition: Tensor, a: Bundle, b: Bundle): Bundle =>
  a.map((flat) => where(condition, flat, b.flat));

/** The mean, or `otherwise` as long as nothing was folded in. */
export const meanOr = ({ mean, count }: RunningMean, otherwise: Bundle): Bundle => choose(count.gt(0), mean, otherwise);

/** Where the base would be evaluated after its step: what an average folds in that leaves the training alone. */
export const pointAfter = (
  { t, horizon, hyper }: Pick<StepContext, 't' | 'horizon' | 'hyper'>,
  { w, state }: StepResult,
  base: Optimizer,
): Bundle => base.evaluationPoint?.({ w, state, t, horizon, hyper }) ?? w;

/** Where the base would be evaluated with these weights: for averages of the trained weights themselves, which may take their place. */
export const evaluatedAt = (w: Bundle, evaluate: BaseEvaluation, base: Optimizer): Bundle =>
  base.evaluationPoint ? evaluate({ w }) : w;

/** A queue of numbers with the oldest, the first, dropped and one more at its end. */
export const shifted = (queue: Tensor, latest: Tensor): Tensor =>
  queue.size === 1 ? latest.reshape([1]) : concat([queue.sliceAxis(0, 1, queue.size), latest.reshape([1])]);

/** t mod k, both whole numbers. */
export const remainder = (t: Tensor, k: Tensor): Tensor => t.sub(t.div(k).floor().mul(k));
