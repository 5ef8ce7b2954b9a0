import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisAround, evenTicks, logTicks, positionOn, powerOfTen, powerTicks, valueAt } from './axis.ts';

test('position and value are each other’s inverse, on both kinds of axis', () => {
  const ends = fc.tuple(fc.double({ min: 1e-6, max: 1, noNaN: true }), fc.double({ min: 1.1, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(
      fc.constantFrom('linear' as const, 'log' as const),
      ends,
      fc.double({ min: -0.5, max: 1.5, noNaN: true }),
      (type, [low, factor], at) => {
        const axis = { type, low, high: low * factor };
        expect(positionOn(axis, valueAt(axis, at))).toBeCloseTo(at, 6);
      },
    ),
  );
});

test('an axis holds its values with room to spare, and is logarithmic only where all are positive', () => {
  expect(axisAround([1, 100], { log: true, room: 0.5 })).toEqual({ type: 'log', low: 0.1, high: 1000 });
  expect(axisAround([0, 10], { log: true, room: 0.1 })).toEqual({ type: 'linear', low: -1, high: 11 });
  expect(axisAround([5, 5]).high).toBeGreaterThan(5);
});

test('ticks are round numbers, as many as there is room for', () => {
  expect(logTicks({ low: 0.09, high: 11 }, 8).ticks).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
  expect(logTicks({ low: 1e-9, high: 1 }, 4).ticks).toEqual([1e-9, 1e-6, 1e-3, 1]);
  expect(logTicks({ low: 1.81, high: 1.93 }, 4).ticks).toEqual([1.85, 1.9]);
  expect(evenTicks(0, 1170, 5)).toEqual([0, 500, 1000]);
  expect(powerTicks(1e-4, 1, 3)).toEqual([1e-4, 1e-2, 1]);
  expect([1e-3, 0.1, 1, 10, 1e12].map(powerOfTen)).toEqual(['10⁻³', '10⁻¹', '1', '10', '10¹²']);
});
