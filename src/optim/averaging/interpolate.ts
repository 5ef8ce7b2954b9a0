import type { Bundle } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { within } from '../hyper.ts';
import { oneMinus, stepsOf } from '../rules.ts';

// The scheme of Defazio et al. 2024 that both Schedule-Free methods share: z moves, x averages z, gradients are taken at y between them.

/** beta of the paper: y = beta x + (1 - beta) z. Not 0, where x could not be rebuilt from y and z. */
export const interpolation = (value: number) =>
  within('(0, 1]', (v) => v > 0 && v <= 1)(value, { doc: 'y = beta x + (1 - beta) z' });

/** The weighting so far: largest step size, and the sum of the weights of all z. */
export type Weighting = { readonly largest: Tensor; readonly total: Tensor };

export const noWeighting = (): Weighting => ({ largest: scalar(0, 'float64'), total: scalar(0, 'float64') });

/** lr with linear warmup, t / W at steps t <= W. */
export const warmed = (lr: Tensor, warmupSteps: Tensor, t: Tensor, horizon: Tensor): Tensor =>
  lr.mul(t.div(stepsOf(warmupSteps, horizon).maximum(1)).minimum(1));

/** The average x of all z so far, from the trained y and z. */
export const averageOf = (y: Bundle, z: Bundle, beta: Tensor): Bundle => y.sub(z.mul(oneMinus(beta))).div(beta);

interface Point {
  readonly y: Bundle;
  /** z before and after the step. */
  readonly z: readonly [old: Bundle, next: Bundle];
  readonly weighting: Weighting;
}
interface Rates {
  readonly beta: Tensor;
  /** Step size of this step. */
  readonly gamma: Tensor;
  readonly t: Tensor;
  readonly r: Tensor;
  readonly p: Tensor;
}

/** x <- (1 - c) x + c z with c the share of w_t = t^r max(gamma)^p in all weights; y <- beta x + (1 - beta) z. */
export function interpolate({ y, z: [old, next], weighting }: Point, { beta, gamma, t, r, p }: Rates) {
  const largest = weighting.largest.maximum(gamma);
  const weight = t.pow(r).mul(largest.pow(p));
  const total = weighting.total.add(weight);
  // A schedule may begin at 0: then nothing has weight yet, and x stays.
  const c = where(total.gt(0), weight.div(total), 0);
  const x = averageOf(y, old, beta).mul(oneMinus(c)).add(next.mul(c));
  return { y: x.mul(beta).add(next.mul(oneMinus(beta))), weighting: { largest, total } };
}
