import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { scipyStatistics } from '../../testing/scipy.ts';
import { bcaInterval, bootstrapInterval, percentileInterval, resamples } from './bootstrap.ts';
import { mean, standardDeviation } from './statistics.ts';

const statistics = { mean, standardDeviation };
const draws = { seed: 1, stream: 'test' };

describe('intervals of resampled statistics', () => {
  test.each(scipyStatistics.bootstrap)('are those of SciPy: $statistic of $values', (given) => {
    const { values, resampled } = given;
    const statistic = statistics[given.statistic];
    const without = values.map((_, left) => statistic(values.filter((_, i) => i !== left)));
    for (const level of [0.95, 0.8] as const) {
      const percentile = percentileInterval(resampled, level);
      const bca = bcaInterval(resampled, statistic(values), without, level);
      const close = (interval: { low: number; high: number }, [low, high]: readonly [number, number]) => {
        expect(interval.low).toBeCloseTo(low, 9);
        expect(interval.high).toBeCloseTo(high, 9);
      };
      close(percentile, given[`percentile/${level}`]);
      close(bca, given[`BCa/${level}`]);
    }
  });

  test('of equal values are those values', () => {
    expect(bootstrapInterval([2, 2, 2, 2], mean, draws)).toEqual({ low: 2, high: 2 });
  });

  test('of one value are not known', () => {
    expect(bootstrapInterval([2], mean, draws)).toEqual({ low: Number.NaN, high: Number.NaN });
  });
});

describe('resamples', () => {
  test('of few values are all that there are, once each', () => {
    const rows = resamples(3, 4000, draws);
    const seen = new Set(Array.from({ length: 27 }, (_, r) => rows.slice(3 * r, 3 * r + 3).join()));
    expect([rows.length, seen.size]).toEqual([81, 27]);
  });

  test('of many values draw each with equal chance', () => {
    const counts = new Array<number>(8).fill(0);
    for (const i of resamples(8, 4000, draws)) counts[i]++;
    // 4000 expected, standard deviation 59.
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(5 * 59);
  });

  test('follow from the seed and the name', () => {
    expect(resamples(8, 10, draws)).toEqual(resamples(8, 10, { ...draws }));
    expect(resamples(8, 10, draws)).not.toEqual(resamples(8, 10, { ...draws, seed: 2 }));
    expect(resamples(8, 10, draws)).not.toEqual(resamples(8, 10, { ...draws, stream: 'other' }));
  });
});

test('BCa covers the mean of skewed values nearly as often as it says, and more often than percentiles', () => {
  const [trials, count] = [300, 20];
  const covered = { bca: 0, percentile: 0 };
  for (let trial = 0; trial < trials; trial++) {
    const uniform = new Float64Array(count);
    fillRandom(uniform, 'uniform', { seed: 0, stream: 'coverage', step: trial });
    const exponential = Array.from(uniform, (u) => -Math.log(1 - u));
    for (const method of ['bca', 'percentile'] as const) {
      const { low, high } = bootstrapInterval(exponential, mean, { seed: trial, stream: 'c', times: 200, method });
      if (low <= 1 && 1 <= high) covered[method]++;
    }
  }
  // Efron & Tibshirani 1993 and later simulations find 90 to 93% where 95% is meant.
  expect(covered.bca / trials).toBeGreaterThan(0.885);
  expect(covered.bca).toBeGreaterThan(covered.percentile);
});
