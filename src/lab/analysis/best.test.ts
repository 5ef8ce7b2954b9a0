import { describe, expect, test } from 'vitest';
import { probabilityBest } from './best.ts';
import type { SeedValues } from './ends.ts';

const bySeed = (values: readonly number[]): SeedValues => new Map(values.map((value, i) => [i, value]));
const draws = { seed: 0, stream: 'test' };

describe('probability of being best', () => {
  test('is counted exactly on three seeds', () => {
    // Sums of b - a over resamples of (1, 1, -3): negative in the 19 of 27 with a -3 in them, positive in the other 8.
    expect(probabilityBest([bySeed([0, 0, 0]), bySeed([1, 1, -3])], draws)).toEqual([8 / 27, 19 / 27]);
  });

  test('is shared by equals', () => {
    expect(probabilityBest([bySeed([1, 2]), bySeed([1, 2]), bySeed([3, 3])], draws)).toEqual([0.5, 0.5, 0]);
  });

  test('sums to 1 and goes with the means on many seeds', () => {
    const seeds = Array.from({ length: 12 }, (_, i) => i);
    const values = [0, 0.1, 0.5].map((shift, c) => bySeed(seeds.map((i) => shift + Math.sin(7 * i + 2 * c))));
    const best = probabilityBest(values, draws);
    expect(best.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(best[0]).toBeGreaterThan(best[2]);
  });

  test('uses the seeds that all have, and needs two of them', () => {
    const a = new Map([
      [1, 0],
      [2, 0],
      [9, 100],
    ]);
    expect(
      probabilityBest(
        [
          a,
          new Map([
            [2, 1],
            [1, 1],
          ]),
        ],
        draws,
      ),
    ).toEqual([1, 0]);
    expect(probabilityBest([a, new Map([[2, 1]])], draws)).toEqual([Number.NaN, Number.NaN]);
  });
});
