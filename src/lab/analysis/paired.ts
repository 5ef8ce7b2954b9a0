import type { SeedValues } from './ends.ts';
import { type Estimate, estimate, mean, standardDeviation, studentTails } from './statistics.ts';

/**
 * Comparisons of two methods, paired by seed: a seed fixes initial parameters and the order of the data for both, so the difference on
 * one seed is free of what they share.
 */

/** a - b on the seeds that both have. */
export function differences(a: SeedValues, b: SeedValues): number[] {
  const found: number[] = [];
  for (const [seed, value] of a) {
    const other = b.get(seed);
    if (other !== undefined) found.push(value - other);
  }
  return found;
}

/** Mean of the differences with its 95% interval by Student's t. */
export const pairedDifference = (a: SeedValues, b: SeedValues): Estimate => estimate(differences(a, b));

/** Two-sided p-value of the paired t test. Fewer than two pairs prove nothing: 1. Equal differences leave no doubt: 0, and 1 where they are 0. */
export function pairedTest(differences: readonly number[]): number {
  if (differences.length < 2) return 1;
  const center = mean(differences);
  if (center === 0) return 1;
  const spread = standardDeviation(differences);
  return spread === 0 ? 0 : studentTails((center / spread) * Math.sqrt(differences.length), differences.length - 1);
}

/**
 * Two-sided p-value of the sign test, exact: how likely so uneven a split of better and worse is when both are a coin's throw. Pairs
 * without a difference are left out. With n pairs it cannot be below 2^(1-n): five seeds can never show a difference at 5%.
 */
export function signTest(differences: readonly number[]): number {
  const better = differences.filter((d) => d < 0).length;
  const worse = differences.filter((d) => d > 0).length;
  const count = better + worse;
  let ways = 1;
  let tail = 0;
  for (let k = 0; k <= Math.min(better, worse); k++) {
    tail += ways;
    ways = (ways * (count - k)) / (k + 1);
  }
  return Math.min(1, (2 * tail) / 2 ** count);
}

/** Above so many pairs the signs are too many to go through. */
const mostPairs = 20;

/**
 * Two-sided p-value of Fisher's permutation test for pairs, exact: the share of all 2^n choices of signs whose sum is at least as far
 * from 0 as the one seen. It needs no normal distribution, and like the sign test cannot be below 2^(1-n). At most 20 pairs.
 */
export function permutationTest(differences: readonly number[]): number {
  const count = differences.length;
  if (count > mostPairs) {
    throw new RangeError(
      `permutationTest: ${count} pairs; all signs are gone through, which at most ${mostPairs} allow`,
    );
  }
  const sizes = differences.map(Math.abs);
  const size = sizes.reduce((sum, x) => sum + x, 0);
  const seen = Math.abs(differences.reduce((sum, x) => sum + x, 0));
  // Sums in another order differ in their last bits, which must not decide whether one is as far as another.
  const least = seen - 1e-12 * size;
  let extreme = 0;
  for (let signs = 0; signs < 2 ** count; signs++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (signs >> i) & 1 ? sizes[i] : -sizes[i];
    if (Math.abs(sum) >= least) extreme++;
  }
  return extreme / 2 ** count;
}
