import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { madeUpPlan, madeUpTask, tuneTrials } from '../../testing/race.ts';
import { protocolPlan } from '../protocols/index.ts';
import { mean } from './statistics.ts';
import { bestOfK, tunability } from './tunability.ts';

const draws = { seed: 0, stream: 'test' };
const task = madeUpTask();

/** All ways to choose k of them. */
const choices = (values: readonly number[], k: number): number[][] =>
  k === 0 ? [[]] : values.flatMap((value, i) => choices(values.slice(i + 1), k - 1).map((rest) => [value, ...rest]));

describe('expected best of k', () => {
  test('is the mean over all ways to choose k trials', () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(values, (all) => {
        for (const point of bestOfK(all.length, draws)([all])[0]) {
          const expected = mean(choices(all, point.k).map((chosen) => Math.min(...chosen)));
          expect(point.mean).toBeCloseTo(expected, 9);
        }
      }),
    );
  });

  test('is not above what drawing with replacement gives', () => {
    const values = [0.07, 0.11, 0.2, 0.31, 0.9];
    for (const { k, mean: expected } of bestOfK(5, draws)([values])[0]) {
      const replaced = values.reduce((sum, x, i) => sum + x * (((5 - i) / 5) ** k - ((4 - i) / 5) ** k), 0);
      if (k === 1) expect(expected).toBeCloseTo(replaced, 12);
      else expect(expected).toBeLessThan(replaced);
    }
  });

  test('goes from the mean to the lowest, and never up', () => {
    const values = [0.31, 0.07, 0.9, 0.2, 0.11];
    const means = bestOfK(5, draws)([values])[0].map((point) => point.mean);
    expect(means[0]).toBeCloseTo(mean(values), 12);
    expect(means[4]).toBeCloseTo(0.07, 12);
    for (let i = 1; i < means.length; i++) expect(means[i]).toBeLessThanOrEqual(means[i - 1]);
  });

  test('has an interval around it, narrower with more trials', () => {
    const spread = (count: number) => {
      const [points] = bestOfK(count, draws)([Array.from({ length: count }, (_, i) => (i + 0.5) / count)]);
      const { k, mean: center, low, high } = points[0];
      expect(k).toBe(1);
      expect(low).toBeLessThan(center);
      expect(high).toBeGreaterThan(center);
      return high - low;
    };
    expect(spread(64)).toBeLessThan(0.6 * spread(16));
    // 1.96 standard errors of the mean of uniform values on either side.
    expect(spread(64)).toBeCloseTo((2 * 1.96) / Math.sqrt(12 * 64), 1);
  });

  test('is asked at 12 values of k at most, from one trial to all', () => {
    const ks = bestOfK(1000, draws)([new Array<number>(1000).fill(1)])[0].map(({ k }) => k);
    expect(ks.length).toBeLessThanOrEqual(12);
    expect([ks[0], ks.at(-1)]).toEqual([1, 1000]);
    expect(bestOfK(3, draws)([[1, 2, 3]])[0].map(({ k }) => k)).toEqual([1, 2, 3]);
  });
});

describe('tunability', () => {
  const race = madeUpPlan({ competitors: ['a', 'b'] });

  test('counts a diverged trial as the worst end of anybody on the task', () => {
    const tuning = new Map([
      ['a', tuneTrials('a', [0.1, 'diverged'])],
      ['b', tuneTrials('b', [0.2, 0.8])],
    ]);
    const [a, b] = tunability(race, task, tuning);
    expect(a.points.map((point) => point.mean)).toEqual([(0.1 + 0.8) / 2, 0.1]);
    expect(b.points.map((point) => point.mean)).toEqual([0.5, 0.2]);
  });

  test('is not given where trials ended early, all diverged, or followed one another', () => {
    const early = tuneTrials('a', [0.1, 0.2]).map((trial, i) => ({
      ...trial,
      plan: { ...trial.plan, until: 50 * (i + 1) },
    }));
    expect(tunability(race, task, new Map([['a', early]]))).toEqual([]);
    expect(tunability(race, task, new Map([['a', tuneTrials('a', ['diverged'])]]))).toEqual([]);
    const searched = madeUpPlan({ competitors: ['a'], protocol: protocolPlan({ kind: 'equal-budget', tuner: 'tpe' }) });
    expect(tunability(searched, task, new Map([['a', tuneTrials('a', [0.1, 0.2])]]))).toEqual([]);
  });
});
