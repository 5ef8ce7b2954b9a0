import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spread } from './labels.ts';

const positions = fc
  .array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 20 })
  .map((values) => values.sort((a, b) => a - b));

test('names are at least a line apart, in order, and within the picture', () => {
  fc.assert(
    fc.property(positions, (given) => {
      const spots = spread(given, 13, 0, 300);
      spots.slice(1).forEach((spot, i) => {
        expect(spot - spots[i]).toBeGreaterThan(13 - 1e-9);
      });
      expect(spots[0]).toBeGreaterThanOrEqual(-1e-9);
      expect(spots[spots.length - 1]).toBeLessThanOrEqual(300 + 1e-9);
    }),
  );
});

test('names that are clear of each other stay where they are; two at one place move by half a line each', () => {
  expect(spread([10, 50, 90], 13, 0, 300)).toEqual([10, 50, 90]);
  expect(spread([100, 100], 13, 0, 300)).toEqual([93.5, 106.5]);
});
