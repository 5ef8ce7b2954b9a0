import type { LinearAlgebra, SecularEquation } from './linear-algebra.ts';

/** Convergence is quadratic; this bound only guards the loop. */
const maxIterations = 100;
/** Steps in a row that may fail to bring the function closer to 0 by a factor of 10: the two kinds of step can lead back and forth. */
const patience = 3;

/**
 * Root number i, ascending, of a secular equation: it lies between pole i and the next, the last one less than rho sum_j weights[j] above
 * the last pole. gaps[at + j] becomes poles[j] - root to full relative accuracy, for the root is sought as its distance from the nearer
 * pole. Each step is to the root of a function with the two nearest poles and the same value and slope (R.-C. Li, Solving secular
 * equations stably and efficiently, LAPACK Working Note 89, 1993), or halves the interval if that leads out of it.
 */
export function secularRoot(
  algebra: LinearAlgebra,
  i: number,
  equation: SecularEquation,
  gaps: Float64Array,
  at = 0,
): number {
  const { poles, weights, rho, sums } = equation;
  const n = poles.length;
  const last = i === n - 1;
  if (n === 1) {
    gaps[at] = -rho * weights[0];
    return poles[0] - gaps[at];
  }
  // The two poles that a step minds.
  const q = last ? i : i + 1;
  const p = q - 1;
  let [low, high] = [0, last ? 0 : (poles[i + 1] - poles[i]) / 2];
  if (last) for (let j = 0; j < n; j++) high += rho * weights[j];
  let x = last ? high / 2 : high;
  let origin = i;
  algebra.secularSums(equation, q, poles[i], x, gaps, at);
  if (!last && 1 / rho + sums[0] + sums[2] < 0) {
    // The same point, seen from the other pole: sums and gaps are as they were.
    origin = i + 1;
    [low, high] = [-high, 0];
    x = low;
  }
  const from = poles[origin];
  let before = Infinity;
  let fixed = true;
  let stalls = 0;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const [left, leftSlope, right, rightSlope] = [sums[0], sums[1], sums[2], sums[3]];
    const value = 1 / rho + left + right;
    const slope = leftSlope + rightSlope;
    // Each addition errs by so much of the sum so far.
    const rounding = sums[4] + 8 * (right - left) + 1 / rho + Math.abs(x) * slope;
    if (!(Math.abs(value) > Number.EPSILON * rounding)) break;
    if (value < 0) low = x;
    else high = x;
    stalls = Math.abs(value) > before / 10 ? stalls + 1 : 0;
    if (stalls > 0) fixed = !fixed;
    before = Math.abs(value);

    const toP = poles[p] - from - x;
    const toQ = poles[q] - from - x;
    const apart = poles[q] - poles[p];
    // c + s / (toP - step) + t / (toQ - step) = 0, where s and t give each side its slope, or that of the origin is its own weight.
    let c = value - toP * leftSlope - toQ * rightSlope;
    if (fixed && !last) {
      const near = weights[origin] / (origin === p ? toP * toP : toQ * toQ);
      c = origin === p ? value - toQ * slope + apart * near : value - toP * slope - apart * near;
    }
    const a = (toP + toQ) * value - toP * toQ * slope;
    const b = toP * toQ * value;
    const root = Math.sqrt(Math.abs(a * a - 4 * b * c));
    let step: number;
    if (last) step = a >= 0 ? (a + root) / (2 * c) : (2 * b) / (a - root);
    else step = a <= 0 ? (a - root) / (2 * c) : (2 * b) / (a + root);
    let next = x + step;
    if (!(next > low && next < high)) next = x - value / slope;
    if (stalls === patience || !(next > low && next < high)) {
      next = between(low, high);
      stalls = 0;
    }
    if (next === x || next === low || next === high) break;
    x = next;
    algebra.secularSums(equation, q, from, x, gaps, at);
  }
  return from + x;
}

/** The middle of an interval, on a logarithmic scale if neither end is 0. */
const between = (low: number, high: number): number =>
  low * high > 0 ? Math.sign(low) * Math.sqrt(Math.abs(low)) * Math.sqrt(Math.abs(high)) : (low + high) / 2;
