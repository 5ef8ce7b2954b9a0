import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { geometricSpeedUp, performanceProfile, profileScore, ratiosToFastest } from './profiles.ts';

const never = Number.POSITIVE_INFINITY;

/** Three submissions on four workloads. */
const times = [
  [10, 20, 30, never],
  [12, 15, 60, 100],
  [50, 61, 30, 200],
];

const scoresOf = (table: readonly (readonly number[])[], integral: 'exact' | 'trapezoid' = 'exact'): number[] =>
  ratiosToFastest(table).map((ratios) => profileScore(ratios, { integral }));

describe('performance profiles', () => {
  test('measure against the fastest on each task', () => {
    expect(ratiosToFastest(times)).toEqual([
      [1, 20 / 15, 1, never],
      [1.2, 1, 2, 1],
      [5, 61 / 15, 1, 2],
    ]);
  });

  test('rise at the ratios, up to the limit', () => {
    expect(performanceProfile(ratiosToFastest(times)[0])).toEqual([
      { tau: 1, share: 0.5 },
      { tau: 20 / 15, share: 0.75 },
      { tau: 4, share: 0.75 },
    ]);
  });

  test('score: the integral by hand, and by the 100 points of the reference code', () => {
    // Mean of (4 - r) / 3: of the first (1 + 8/9 + 1 + 0) / 4.
    for (const [i, expected] of [0.722222222222, 0.9, 0.416666666667].entries()) {
      expect(scoresOf(times)[i]).toBeCloseTo(expected, 11);
    }
    for (const [i, expected] of [0.723484848485, 0.901515151515, 0.417929292929].entries()) {
      expect(scoresOf(times, 'trapezoid')[i]).toBeCloseTo(expected, 11);
    }
  });

  test('change for the others when the fastest is taken away', () => {
    const [, ...others] = scoresOf(times);
    const alone = scoresOf(times.slice(1));
    expect(alone[0]).toBeCloseTo((1 + 1 + 2 / 3 + 1) / 4, 12);
    expect(alone).not.toEqual(others);
  });

  test('score 0 for who never reaches a target, and 1 for the fastest everywhere', () => {
    expect(
      scoresOf([
        [never, never],
        [5, 7],
      ]),
    ).toEqual([0, 1]);
    // A task that nobody solves counts as solved by nobody.
    expect(
      scoresOf([
        [1, never],
        [1, never],
      ]),
    ).toEqual([0.5, 0.5]);
  });

  test('keep scores in [0, 1], whatever the unit of time, and near the trapezoids', () => {
    const time = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(never));
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((tasks) =>
        fc.array(fc.array(time, { minLength: tasks, maxLength: tasks }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(table, (rows) => {
        const exact = scoresOf(rows);
        const trapezoids = scoresOf(rows, 'trapezoid');
        const scaled = scoresOf(rows.map((row) => row.map((t) => 8 * t)));
        exact.forEach((score, i) => {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          expect(scaled[i]).toBeCloseTo(score, 12);
          expect(Math.abs(trapezoids[i] - score)).toBeLessThan(0.006);
        });
      }),
    );
  });
});

test('the geometric speed-up is over the tasks that both solved', () => {
  expect(geometricSpeedUp([10, 20, 5], [20, 10, never])).toEqual({ speedUp: 1, tasks: 2 });
  const twice = geometricSpeedUp([5, 5], [10, 10]);
  expect(twice?.speedUp).toBeCloseTo(2, 12);
  expect(geometricSpeedUp([never, 3], [3, never])).toBeNull();
});
