import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mean } from '../analysis/statistics.ts';
import { warpScores } from './warp.ts';

const scores = fc.array(
  fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
  {
    minLength: 1,
    maxLength: 30,
  },
);

describe('warped scores', () => {
  it('are finite, keep the order, and have mean 0 and variance 1 or 0', () => {
    fc.assert(
      fc.property(scores, (given) => {
        const warped = warpScores(given);
        expect(warped.every(Number.isFinite)).toBe(true);
        expect(mean(warped)).toBeCloseTo(0, 9);
        const variance = mean(warped.map((value) => value ** 2));
        expect(Math.min(Math.abs(variance), Math.abs(variance - 1))).toBeLessThan(1e-6);
        for (const [i, a] of given.entries()) {
          for (const [j, b] of given.entries()) if (a <= b) expect(warped[i]).toBeLessThanOrEqual(warped[j] + 1e-9);
        }
      }),
    );
  });

  it('have variance 1 also where squares of their differences underflow', () => {
    const warped = warpScores([0, -3.1434555694052576e-162, Number.POSITIVE_INFINITY]);
    expect(mean(warped.map((value) => value ** 2))).toBeCloseTo(1, 12);
  });

  it('do not see how bad the worst ones are, only that they are', () => {
    expect(warpScores([1, 2, 3, 4, 1e9])).toEqual(warpScores([1, 2, 3, 4, 5]));
    const diverged = Number.POSITIVE_INFINITY;
    expect(warpScores([1, 2, 3, 4, 1e9, diverged])).toEqual(warpScores([1, 2, 3, 4, 5, diverged]));
  });

  it('keep the distances between the better ones', () => {
    const [a, b, c] = warpScores([1, 1.5, 3, 7, 8]);
    expect((c - b) / (b - a)).toBeCloseTo(3, 12);
  });

  it('are all 0 where every run diverged', () => {
    expect(warpScores([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])).toEqual([0, 0]);
  });
});
