/** Small-sample statistics: means over a handful of seeds, with intervals by Student's t. */

/** A mean and the half-width of its 95% interval; NaN half-width where there are fewer than two values. */
export interface Estimate {
  readonly mean: number;
  readonly halfWidth: number;
  readonly count: number;
}

export const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Of an even number of values, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Unbiased: divides by n - 1. Exactly 0 where all values are equal, though their mean may be off in its last bit. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length > 1 && values.every((x) => x === values[0])) return 0;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - center) ** 2, 0) / (values.length - 1));
}

/**
 * The chance that |T| is at most t, for Student's t with a whole number of degrees of freedom: the finite sums of Abramowitz & Stegun
 * 1964, 26.7.3 and 26.7.4.
 */
export function studentWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const square = Math.cos(angle) ** 2;
  const odd = freedom % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = 0;
  for (let k = odd ? 1 : 0; k <= freedom - 2; k += 2) {
    sum += term;
    term *= (square * (k + 1)) / (k + 2);
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/** Two-sided p-value of Student's t. */
export const studentTails = (t: number, freedom: number): number =>
  t === 0 ? 1 : Math.max(0, 1 - studentWithin(Math.abs(t), freedom));

/** The t with |T| <= t in this share of cases: 12.706 for 0.95 and one degree of freedom. */
export function studentQuantile(share: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (studentWithin(high, freedom) < share) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentWithin(middle, freedom) < share) low = middle;
    else high = middle;
  }
  return high;
}

/** The mean of independent normal values with its 95% interval. */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const halfWidth =
    count < 2 ? Number.NaN : (studentQuantile(0.95, count - 1) * standardDeviation(values)) / Math.sqrt(count);
  return { mean: count === 0 ? Number.NaN : mean(values), halfWidth, count };
}
