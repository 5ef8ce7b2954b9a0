import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { meanWeights, probabilityBest } from './best.ts';
import type { SeedValues } from './ends.ts';
import { differences } from './paired.ts';
import { mean, standardDeviation, studentQuantile, studentWithin } from './statistics.ts';

const bySeed = (values: ArrayLike<number>): SeedValues => new Map(Array.from(values, (value, i) => [i, value]));
const draws = { seed: 0, stream: 'test' };
const { NaN: none } = Number;

/** One less the one-sided p-value of the paired t test of a < b. */
function confidence(a: SeedValues, b: SeedValues): number {
  const pairs = differences(a, b);
  const t = (-mean(pairs) / standardDeviation(pairs)) * Math.sqrt(pairs.length);
  return (1 + Math.sign(t) * studentWithin(Math.abs(t), pairs.length - 1)) / 2;
}

describe('probability of being best', () => {
  test.each([
    [
      [0.1, 0.12],
      [0.15, 0.14],
    ],
    [
      [0.1, 0.2, 0.3],
      [0.3, 0.15, 0.31],
    ],
    [
      [1, 2, 3, 4, 5],
      [1.1, 2.3, 2.9, 4.6, 5.1],
    ],
  ])('of two is what the paired t test says of them: %j and %j', (a, b) => {
    const [first, second] = probabilityBest([bySeed(a), bySeed(b)], draws);
    expect(first + second).toBeCloseTo(1, 12);
    // Five standard errors of a share of 4000 draws.
    expect(Math.abs(first - confidence(bySeed(a), bySeed(b)))).toBeLessThan((5 * 0.5) / Math.sqrt(4000));
  });

  test('of equal methods is above p in no more than a share 1 - p of races, on two seeds as on five', () => {
    const races = 500;
    for (const [competitors, seeds] of [
      [2, 2],
      [2, 3],
      [2, 5],
      [5, 3],
    ]) {
      const first = Array.from({ length: races }, (_, race) => {
        const values = new Float64Array(competitors * seeds);
        fillRandom(values, 'normal', { seed: race, stream: `${competitors}/${seeds}`, step: 0 });
        const own = Array.from({ length: competitors }, (_, c) => bySeed(values.subarray(c * seeds, (c + 1) * seeds)));
        return probabilityBest(own, { seed: race, stream: 'equal' }, 500)[0];
      });
      for (const p of [0.75, 0.95, 0.99]) {
        const claimed = first.filter((own) => own >= p).length / races;
        expect(claimed, `${competitors} on ${seeds}`).toBeLessThan(1 - p + 4 * Math.sqrt((p * (1 - p)) / races));
      }
    }
  });

  test('is shared by equals', () => {
    expect(probabilityBest([bySeed([1, 2]), bySeed([1, 2]), bySeed([3, 4])], draws)).toEqual([0.5, 0.5, 0]);
  });

  test('uses the seeds that all have, and needs two of them and a rival', () => {
    const a = new Map([
      [1, 0],
      [2, 0],
      [9, 100],
    ]);
    const b = new Map([
      [2, 1],
      [1, 1],
    ]);
    expect(probabilityBest([a, b], draws)).toEqual([1, 0]);
    expect(probabilityBest([a, new Map([[2, 1]])], draws)).toEqual([none, none]);
    expect(probabilityBest([a], draws)).toEqual([none]);
    expect(probabilityBest([], draws)).toEqual([]);
  });
});

describe('weights of a mean', () => {
  test.each([1, 2, 5])('of %d values sum to 1, and draw means with the spread of Student t', (count) => {
    const times = 4000;
    const weights = meanWeights(count, times, draws);
    const values = Array.from({ length: count }, (_, i) => 3 + i ** 2);
    const reach = (studentQuantile(0.95, Math.max(1, count - 1)) * standardDeviation(values)) / Math.sqrt(count);
    let within = 0;
    for (let r = 0; r < times; r++) {
      const own = weights.subarray(r * count, (r + 1) * count);
      // Two values have Cauchy's tails, and weights of any size.
      const size = own.reduce((sum, w) => sum + Math.abs(w), 0);
      expect(Math.abs(own.reduce((sum, w) => sum + w, 0) - 1)).toBeLessThan(1e-14 * size);
      const drawn = values.reduce((sum, value, i) => sum + value * own[i], 0);
      if (!(Math.abs(drawn - mean(values)) > reach)) within++;
    }
    expect(within / times).toBeGreaterThan(0.95 - 5 * Math.sqrt(0.0475 / times));
    expect(count === 1 || within / times < 0.95 + 5 * Math.sqrt(0.0475 / times)).toBe(true);
  });
});
