import { type Draws, resamples, usualTimes } from './bootstrap.ts';
import type { SeedValues } from './ends.ts';

/**
 * How often each competitor would have had the lowest mean had other seeds been drawn: the bootstrap over seeds, the same resample for
 * all, so that what a seed does to everyone cancels. Exact up to five seeds. Equal lowest means share. It speaks of these seeds: with
 * three of them it is easily 1, and it is no test. NaN where competitors share fewer than two seeds.
 */
export function probabilityBest(values: readonly SeedValues[], draws: Draws): number[] {
  const seeds = commonSeeds(values);
  if (seeds.length < 2) return values.map(() => Number.NaN);
  const table = values.map((own) => Float64Array.from(seeds, (seed) => own.get(seed) as number));
  const rows = resamples(seeds.length, usualTimes, draws);
  const times = rows.length / seeds.length;
  const wins = new Float64Array(values.length);
  const sums = new Float64Array(values.length);
  for (let r = 0; r < times; r++) {
    sumRows(table, rows, r * seeds.length, sums);
    shareWin(sums, wins);
  }
  return Array.from(wins, (count) => count / times);
}

/** Adds 1 to the wins of the lowest value; equal ones, but for rounding, share it. */
export function shareWin(values: Float64Array, wins: Float64Array): void {
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) if (value < lowest) lowest = value;
  const bound = lowest + 1e-12 * Math.abs(lowest);
  let equal = 0;
  for (const value of values) if (value <= bound) equal++;
  for (let c = 0; c < values.length; c++) if (values[c] <= bound) wins[c] += 1 / equal;
}

/** Seeds that all have, in the order of the first. */
export const commonSeeds = (values: readonly SeedValues[]): number[] =>
  values.length === 0 ? [] : [...values[0].keys()].filter((seed) => values.every((own) => own.has(seed)));

/** For each row of a table, the sum of the values that a resample names. */
export function sumRows(table: readonly Float64Array[], rows: Uint32Array, start: number, sums: Float64Array): void {
  for (let c = 0; c < table.length; c++) {
    const own = table[c];
    let sum = 0;
    for (let i = 0; i < own.length; i++) sum += own[rows[start + i]];
    sums[c] = sum;
  }
}
