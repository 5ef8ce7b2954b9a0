import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scipyStatistics } from '../../testing/scipy.ts';
import { differences, pairedDifference, pairedTest, permutationTest, signTest } from './paired.ts';

const bySeed = (values: readonly number[], first = 1): Map<number, number> =>
  new Map(values.map((value, i) => [first + i, value]));

describe('paired comparisons', () => {
  test.each(scipyStatistics.paired)('agree with SciPy on $differences', (case_) => {
    const { differences, interval, t, sign, permutation } = case_;
    const { mean, halfWidth } = pairedDifference(bySeed(differences), bySeed(differences.map(() => 0)));
    expect(mean - halfWidth).toBeCloseTo(interval[0], 9);
    expect(mean + halfWidth).toBeCloseTo(interval[1], 9);
    expect(pairedTest(differences)).toBeCloseTo(t, 11);
    expect(signTest(differences)).toBeCloseTo(sign, 12);
    expect(permutationTest(differences)).toBeCloseTo(permutation, 12);
  });

  test('pair by seed: a constant gap is seen through noise that both share', () => {
    const noise = [0, 3, -2, 5];
    const shifted = noise.map((x, i) => x + 1 + 0.01 * i);
    expect(pairedTest(differences(bySeed(noise), bySeed(shifted)))).toBeLessThan(1e-4);
    expect(pairedTest(differences(bySeed(noise), bySeed([4, 0, 3, -2])))).toBeGreaterThan(0.5);
  });

  test('look only at seeds that both have, in whatever order', () => {
    const a = new Map([
      [3, 30],
      [1, 10],
      [2, 20],
    ]);
    expect(differences(a, bySeed([1, 2], 2))).toEqual([28, 19]);
  });

  test('a single pair proves nothing, equal values do not differ, and equal differences leave no doubt', () => {
    expect(pairedTest([100])).toBe(1);
    expect(pairedTest([0, 0, 0])).toBe(1);
    expect(pairedTest([2, 2, 2])).toBe(0);
  });

  test('five seeds cannot show anything by signs, and six can', () => {
    expect(signTest([-1, -2, -3, -4, -5])).toBe(1 / 16);
    expect(permutationTest([-1, -2, -3, -4, -5])).toBe(1 / 16);
    expect(signTest([-1, -2, -3, -4, -5, -6])).toBe(1 / 32);
  });

  test('give the same p-value for both directions', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(values, (d) => {
        const other = d.map((x) => -x);
        for (const p of [pairedTest, signTest, permutationTest]) expect(p(other)).toBeCloseTo(p(d), 12);
      }),
    );
  });

  test('refuse what cannot be gone through', () => {
    expect(() => permutationTest(new Array<number>(21).fill(1))).toThrow(/21 pairs.*at most 20/);
  });
});
