import { erfc } from '../../runtime/reference/special.ts';

/** The standard normal distribution. */

export const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** P(X <= x), without cancellation in either tail. */
export function normalBelow(x: number): number {
  if (x < 0) return 0.5 * erfc(-x * Math.SQRT1_2);
  // Beyond 8.3 the tail is less than float64 tells from 0 beside 1.
  return x > 8.3 ? 1 : 1 - 0.5 * erfc(x * Math.SQRT1_2);
}

/**
 * The x with P(X <= x) = p, for p in (0, 1). Newton's method on the tail, from the upper bound that tail <= exp(-x^2 / 2) / 2 gives: one
 * step may pass the solution, and as the tail is convex the others rise to it.
 */
export function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  let x = Math.sqrt(-2 * Math.log(2 * tail));
  for (let i = 0; i < 50; i++) {
    const step = (0.5 * erfc(x * Math.SQRT1_2) - tail) / normalDensity(x);
    x += step;
    if (Math.abs(step) <= 1e-15 * x) break;
  }
  return p < 0.5 ? -x : x;
}
