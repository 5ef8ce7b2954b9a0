import { Bundle } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, nonNegative, optional, positive, within } from '../hyper.ts';

// Tuning-free methods estimate how far the start lies from a solution, and take the estimate as the scale of their steps.

/** Over what norms and sums run: all parameters (one float64 number), or each tensor by itself (a vector of one number each). */
export interface Scope {
  readonly sums: (x: Bundle) => Tensor;
  /** The numbers, so that they can multiply a bundle of this layout. */
  readonly spread: (values: Tensor, w: Bundle) => Bundle | Tensor;
}

export const globally: Scope = { sums: (x) => x.sum().cast('float64'), spread: (values) => values };

export const byTensor: Scope = {
  sums: (x) => x.sumOfEach(),
  spread: (values, { layout }) => Bundle.fromNumbers(layout, values),
};

/** Inner product over all parameters, a float64 scalar. */
export const inner = (a: Bundle, b: Bundle): Tensor => globally.sums(a.mul(b));

/** a / b, and 0 where b is 0: an estimate from nothing is no estimate. */
export const ratio = (a: Tensor, b: Tensor): Tensor => where(b.eq(0), 0, a.div(b));

// ── the lower bound d of D-Adaptation and Prodigy ───────────────────────────

/** d_0; the tuning range is that of the method. */
export const firstDistance = (low: number, high: number) =>
  positive(1e-6, { tune: log(low, high), doc: 'first estimate of the distance; smaller than the true one' });

export const growth = optional(
  within('{0} or (1, inf)', (v) => v === 0 || v > 1)(0, {
    doc: 'largest factor by which d grows in one step (1.02 warms up); 0: no limit',
  }),
);

/** max(d, min(estimate, growth d)): the estimate is a lower bound, so d never falls. */
export const grown = (d: Tensor, estimate: Tensor, limit: Tensor | undefined): Tensor =>
  d.maximum(limit ? estimate.minimum(d.mul(limit)) : estimate);

// ── the averages at which DoG and DoWG are evaluated ────────────────────────

/** The average so far, and the sum of the weights in it where they are distances. */
export type Average = { readonly mean: Bundle; readonly weights?: Tensor };
export type Averaging = 'none' | 'polynomial' | 'distance';

export const averaging = (value: Averaging, weights: string) =>
  choice(
    value,
    ['none', 'polynomial', 'distance'],
    `where to evaluate: at w, at the polynomial-decay average, or at the average weighted by ${weights}`,
  );
export const gamma = nonNegative(8, { doc: 'power of the polynomial-decay average; 0: the plain mean' });

export const startAverage = (w: Bundle, kind: Averaging, weights: Tensor): { average?: Average } =>
  kind === 'none' ? {} : { average: { mean: w, ...(kind === 'distance' && { weights: weights.mul(0) }) } };

interface Iterates {
  /** Where the gradient was taken, and its weight. */
  readonly from: Bundle;
  readonly weight: Tensor;
  /** Where the step led. */
  readonly to: Bundle;
}

/**
 * 'polynomial': mean <- (1 - k) mean + k w_t, k = (gamma + 1) / (gamma + t) (Shamir & Zhang 2013, section 4.2). 'distance', of the theorems:
 * the points at which gradients were taken, each with its weight.
 */
export function nextAverage(
  { mean, weights }: Average,
  { from, to, weight }: Iterates,
  { gamma, t, scope }: { readonly gamma: Tensor; readonly t: Tensor; readonly scope: Scope },
): Average {
  const towards = (point: Bundle, share: Bundle | Tensor) => mean.add(point.sub(mean).mul(share));
  if (!weights) return { mean: towards(to, gamma.add(1).div(gamma.add(t))) };
  const sum = weights.add(weight);
  return { mean: towards(from, scope.spread(weight.div(sum), mean)), weights: sum };
}
