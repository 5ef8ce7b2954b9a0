import { describe, expect, test } from 'vitest';
import { finalTrials } from '../../testing/race.ts';
import type { Trial } from '../plan.ts';
import { excesses, excessOf, meanExcess, selectSetting, settingResults, startLoss } from './one-setting.ts';

const never = Number.POSITIVE_INFINITY;
const result = (times: readonly number[], excess: readonly number[] = times.map(() => 0)) => ({ times, excess });

describe('one setting for all tasks', () => {
  test('is by score the one that is good everywhere, not the one that is first on most tasks', () => {
    const results = [result([10, 20, 30, never]), result([12, 15, 60, 100]), result([50, 61, 30, 200])];
    expect(selectSetting(results, 'profile-score')).toBe(1);
  });

  test('by mean time pays for a missed target as for four times the fastest', () => {
    // Products of ratios: 1 * 4 against 2 * 1, and 4 * 4.
    expect(selectSetting([result([10, never]), result([20, 50]), result([never, never])], 'geomean-time')).toBe(1);
    expect(selectSetting([result([10, 210]), result([39, 50])], 'geomean-time')).toBe(1);
  });

  test('by mean excess looks at losses alone; so do ties of the others, and the first of equals is taken', () => {
    const results = [result([10, 10], [0.3, 0.3]), result([90, 90], [0.1, 0.2]), result([90, 90], [0.1, 0.2])];
    expect(selectSetting(results, 'mean-excess')).toBe(1);
    expect(selectSetting([result([never], [0.5]), result([never], [0.4])], 'profile-score')).toBe(1);
    expect(selectSetting([], 'profile-score')).toBeNull();
  });
});

/** The same trials, each evaluated before its first step. */
const from = (loss: number, trials: readonly Trial[]): Trial[] =>
  trials.map(({ plan, outcome }) => ({
    plan,
    outcome: { ...outcome, start: { step: 0, seconds: 0, loss, metrics: {} } },
  }));

describe('excess', () => {
  test('is what is left of the way from the start to the best', () => {
    expect(excessOf(1, 0.5, 2.5)).toBe(0.25);
    expect(excessOf(0.5, 0.5, 2.5)).toBe(0);
    expect(excessOf(9, 0.5, 2.5)).toBe(1);
    expect(excessOf(Number.NaN, 0.5, 2.5)).toBe(1);
    // Nobody came below the start.
    expect(excessOf(3, 3, 2.5)).toBe(0);
    expect(excessOf(4, 3, 2.5)).toBe(1);
    // Nobody saw it.
    expect(excessOf(4, 3, Number.NaN)).toBeNaN();
  });

  test('is against the best on each task', () => {
    expect(
      excesses(
        [
          [1, 4],
          [2, Number.NaN],
        ],
        [3, 8],
      ),
    ).toEqual([
      [0, 0],
      [0.5, 1],
    ]);
    expect(meanExcess({ excess: [0, 0.5] })).toBe(0.25);
  });

  test('is read from trials: from the validation loss before the first step, not that of a minibatch', () => {
    // Losses are three times the errors, and 4 before the first step; its minibatch has 2.
    const [good, bad] = [finalTrials('a', [0.1]), finalTrials('a', [0.4])];
    expect(startLoss([...good, ...bad])).toBeNaN();
    const [first, second, third] = settingResults([
      from(4, good),
      from(6, bad),
      from(2, finalTrials('a', ['diverged'])),
    ]);
    expect(first.excess).toEqual([0]);
    expect(second.excess[0]).toBeCloseTo((1.2 - 0.3) / (4 - 0.3), 12);
    expect(third).toEqual({ times: [never], excess: [1] });
    expect([first.times, second.times]).toEqual([[100], [never]]);
  });
});
