import { fillRandom } from '../../runtime/random.ts';
import { normalBelow, normalQuantile } from '../tuners/normal.ts';
import { mean } from './statistics.ts';

/** The bootstrap (Efron 1979): what a number would have been had other, equally likely values been drawn. */

/** Which random numbers: the seed of the race and what they are for. */
export interface Draws {
  readonly seed: number;
  readonly stream: string;
}

/** Times that values are drawn again, where nothing else is said. */
export const usualTimes = 4000;

/**
 * Rows of `count` whole numbers below `count`, one after another: which values a resample consists of. All count^count rows where
 * these are no more than `times` (up to five values), so that nothing depends on chance; otherwise, or with 'random', `times` rows at
 * random.
 */
export function resamples(
  count: number,
  times: number,
  { seed, stream }: Draws,
  which: 'all' | 'random' = 'all',
): Uint32Array {
  const all = count ** count;
  if (which === 'all' && all <= times) return allResamples(count);
  const uniform = new Float64Array(times * count);
  fillRandom(uniform, 'uniform', { seed, stream: `bootstrap/${stream}`, step: 0 });
  const rows = new Uint32Array(uniform.length);
  for (let i = 0; i < rows.length; i++) rows[i] = Math.floor(uniform[i] * count);
  return rows;
}

/** The numbers from 0 to count^count - 1, written in base `count`. */
function allResamples(count: number): Uint32Array {
  const rows = new Uint32Array(count ** count * count);
  const row = new Uint32Array(count);
  for (let start = 0; start < rows.length; start += count) {
    rows.set(row, start);
    for (let digit = 0; digit < count && ++row[digit] === count; digit++) row[digit] = 0;
  }
  return rows;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions extends Draws {
  /** Default 4000. */
  readonly times?: number;
  /** Default 0.95. */
  readonly level?: number;
  /** Default 'bca'. */
  readonly method?: 'percentile' | 'bca';
}

/**
 * Interval of a statistic of independent values. Two intervals of Efron & Tibshirani 1993, An introduction to the bootstrap: the
 * percentile one (13.3) cuts equal shares off both ends of the resampled statistics; 'bca' (14.3) moves the cuts to allow for bias and
 * for a spread that changes with the statistic. Either is too narrow for few values: below about ten, Student's t is the better
 * interval of a mean. NaN for fewer than two values.
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  { times = usualTimes, level = 0.95, method = 'bca', ...draws }: BootstrapOptions,
): Interval {
  const count = values.length;
  if (count < 2) return { low: Number.NaN, high: Number.NaN };
  const rows = resamples(count, times, draws);
  const statistics = Float64Array.from({ length: rows.length / count }, (_, r) =>
    statistic(values.map((_, i) => values[rows[r * count + i]])),
  );
  if (method === 'percentile') return percentileInterval(statistics, level);
  const without = values.map((_, left) => statistic(values.filter((_, i) => i !== left)));
  return bcaInterval(statistics, statistic(values), without, level);
}

/** The middle `level` of resampled statistics. */
export function percentileInterval(statistics: ArrayLike<number>, level = 0.95): Interval {
  const sorted = new Float64Array(statistics).sort();
  return { low: quantileOf(sorted, (1 - level) / 2), high: quantileOf(sorted, (1 + level) / 2) };
}

/**
 * Bias-corrected and accelerated, from the resampled statistics, the one seen, and those with one value left out. NaN where all of the
 * resampled ones lie on one side of the one seen: then there is nothing to correct by.
 */
export function bcaInterval(
  statistics: ArrayLike<number>,
  seen: number,
  without: readonly number[],
  level = 0.95,
): Interval {
  const sorted = new Float64Array(statistics).sort();
  const below = sorted.filter((x) => x < seen).length;
  const equal = sorted.filter((x) => x === seen).length;
  const share = (below + equal / 2) / sorted.length;
  if (share === 0 || share === 1) return { low: Number.NaN, high: Number.NaN };
  const bias = normalQuantile(share);
  const center = mean(without);
  const cubes = without.reduce((sum, x) => sum + (center - x) ** 3, 0);
  const squares = without.reduce((sum, x) => sum + (center - x) ** 2, 0);
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const cut = (share: number): number => {
    const z = bias + normalQuantile(share);
    return quantileOf(sorted, normalBelow(bias + z / (1 - acceleration * z)));
  };
  return { low: cut((1 - level) / 2), high: cut((1 + level) / 2) };
}

/** Quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996). NaN where there are none. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0 || Number.isNaN(share)) return Number.NaN;
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}
