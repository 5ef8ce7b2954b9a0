import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scipyStatistics } from '../../testing/scipy.ts';
import { estimate, median, studentQuantile, studentTails, studentWithin } from './statistics.ts';

describe('studentQuantile', () => {
  // From the tables of Student's t, two-sided.
  test.each([
    [0.95, 1, 12.7062],
    [0.95, 2, 4.30265],
    [0.95, 3, 3.18245],
    [0.95, 4, 2.77645],
    [0.95, 9, 2.26216],
    [0.95, 30, 2.04227],
    [0.99, 5, 4.03214],
    [0.9, 2, 2.91999],
  ])('%d of |T| with %d degrees of freedom', (share, freedom, expected) => {
    expect(studentQuantile(share, freedom)).toBeCloseTo(expected, 4);
  });

  test('undoes studentWithin', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (share, freedom) => {
          expect(studentWithin(studentQuantile(share, freedom), freedom)).toBeCloseTo(share, 9);
        },
      ),
    );
  });
});

test.each(scipyStatistics.student)(
  'two-sided p-value of t = $t with $freedom degrees of freedom, as in SciPy',
  ({ t, freedom, tails }) => {
    expect(studentTails(t, freedom)).toBeCloseTo(tails, 12);
    expect(studentTails(-t, freedom)).toBe(studentTails(t, freedom));
  },
);

describe('estimate', () => {
  test('of 1, 2, 3 is 2 with half a width of 4.303 / sqrt(3)', () => {
    const { mean, halfWidth, count } = estimate([1, 2, 3]);
    expect([mean, count]).toEqual([2, 3]);
    expect(halfWidth).toBeCloseTo(4.302652729911 / Math.sqrt(3), 9);
  });

  test('one value has no interval, none has no mean', () => {
    expect(estimate([5])).toEqual({ mean: 5, halfWidth: Number.NaN, count: 1 });
    expect(estimate([]).mean).toBeNaN();
  });
});

test('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});
