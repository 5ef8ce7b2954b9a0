import { fillRandom } from '../../runtime/random.ts';
import { type Draws, usualTimes } from './bootstrap.ts';
import type { SeedValues } from './ends.ts';

/**
 * How probable it is that each competitor has the lowest mean over all seeds, given its values on some: the share of joint draws of all
 * means (`meanWeights`) in which it is the lowest. Of two it is one less the one-sided p-value of the paired t test, so it claims no more
 * than the intervals do. A bootstrap over seeds would: of two equal methods on three seeds it puts one above 99% in a quarter of all
 * races, on two seeds in half of them. Equal lowest means share. NaN with fewer than two competitors, or seeds that all have.
 */
export function probabilityBest(values: readonly SeedValues[], draws: Draws, times = usualTimes): number[] {
  const seeds = commonSeeds(values);
  if (values.length < 2 || seeds.length < 2) return values.map(() => Number.NaN);
  const table = values.map((own) => Float64Array.from(seeds, (seed) => own.get(seed) as number));
  const weights = meanWeights(seeds.length, times, draws);
  const wins = new Float64Array(values.length);
  const means = new Float64Array(values.length);
  for (let r = 0; r < times; r++) {
    drawMeans(table, weights, r * seeds.length, means);
    shareWin(means, wins);
  }
  return Array.from(wins, (count) => count / times);
}

/**
 * Rows of `count` weights that sum to 1. The mean of values x_1..x_n, weighted by a row, is a draw of the unknown mean:
 *
 *   sum_i w_i x_i = mean + sum_i z_i (x_i - mean) / (sqrt(n) chi_{n-1}),   z_i standard normal, chi_{n-1}^2 chi-squared
 *
 * which is mean + (s / sqrt(n)) T with Student's T of n - 1 degrees of freedom: the posterior of the mean of normal values when nothing is
 * known before (Box & Tiao 1973, Bayesian inference in statistical analysis, 2.4). One row for all competitors keeps what a seed does to
 * everyone, and makes every difference of two a draw of the same kind; together they are the multivariate t of Geisser & Cornfield 1963,
 * Posterior distributions for multivariate normal parameters. Of one value the weight is 1.
 */
export function meanWeights(count: number, times: number, { seed, stream }: Draws): Float64Array {
  const normal = new Float64Array(times * (2 * count - 1));
  fillRandom(normal, 'normal', { seed, stream: `means/${stream}`, step: 0 });
  const weights = new Float64Array(times * count);
  for (let r = 0; r < times; r++) {
    const own = normal.subarray(r * (2 * count - 1), (r + 1) * (2 * count - 1));
    let center = 0;
    for (let i = 0; i < count; i++) center += own[i] / count;
    let square = 0;
    for (let i = count; i < own.length; i++) square += own[i] ** 2;
    const scale = count === 1 ? 0 : 1 / Math.sqrt(count * square);
    for (let i = 0; i < count; i++) weights[r * count + i] = 1 / count + (own[i] - center) * scale;
  }
  return weights;
}

/** For each row of a table, the mean with the weights that begin at `start`. A row of infinities stays infinite: it is worse than any other. */
export function drawMeans(
  table: readonly Float64Array[],
  weights: Float64Array,
  start: number,
  means: Float64Array,
): void {
  for (let c = 0; c < table.length; c++) {
    const own = table[c];
    let sum = 0;
    for (let i = 0; i < own.length; i++) sum += own[i] * weights[start + i];
    means[c] = own[0] === Number.POSITIVE_INFINITY ? own[0] : sum;
  }
}

/** Adds 1 to the wins of the lowest value; equal ones, but for rounding, share it. */
export function shareWin(values: Float64Array, wins: Float64Array): void {
  let lowest = Number.POSITIVE_INFINITY;
  for (let c = 0; c < values.length; c++) if (values[c] < lowest) lowest = values[c];
  const bound = lowest + 1e-12 * Math.abs(lowest);
  let equal = 0;
  for (let c = 0; c < values.length; c++) if (values[c] <= bound) equal++;
  for (let c = 0; c < values.length; c++) if (values[c] <= bound) wins[c] += 1 / equal;
}

/** Seeds that all have, in the order of the first. */
export const commonSeeds = (values: readonly SeedValues[]): number[] =>
  values.length === 0 ? [] : [...values[0].keys()].filter((seed) => values.every((own) => own.has(seed)));
