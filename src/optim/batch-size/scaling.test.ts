import { expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { batchEigenvalue, effectiveBatch, largestRate, saturation, scaleRate } from './scaling.ts';

const spectrum = (lambda: number) => ({ lambda, sigma: 1, parameters: 600 });

test('golden: the largest eigenvalue of a batch', () => {
  const cases = [
    [40, 1, 55],
    [40, 4, 43.75],
    [40, 0.2, 109.544511501],
    [20, 1, 48.9897948557],
    [100, 1, 106],
  ];
  for (const [lambda, b, expected] of cases) expectClose([batchEigenvalue(spectrum(lambda), b)], [expected]);
  expectClose([largestRate(55), largestRate(55, 0.9)], [0.0363636363636, (2 * 1.9) / 55]);
});

test('rates follow the batch', () => {
  expect(scaleRate(0.1, 32, 128, 'linear')).toBeCloseTo(0.4, 14);
  expect(scaleRate(0.1, 32, 128, 'sqrt')).toBeCloseTo(0.2, 14);
  expectClose([scaleRate(0.1, 1, 4, spectrum(40))], [(0.1 * 55) / 43.75]);
  // Where noise rules the growth is proportional to the root inside the bulk, and it saturates far beyond b*.
  const rule = spectrum(40);
  expect(scaleRate(1, 1e4, 1e6, rule)).toBeCloseTo(1, 3);
  expect(saturation(rule)).toBeCloseTo(0.375, 14);
  expect(() => scaleRate(0.1, 0, 1, 'linear')).toThrow('a batch size is 0; it must lie in (0, inf)');
});

test('a batch out of so many examples', () => {
  expect(effectiveBatch(32)).toBe(32);
  expect(effectiveBatch(50, 100)).toBe(100);
  expect(effectiveBatch(100, 100)).toBe(Number.POSITIVE_INFINITY);
  expect(batchEigenvalue(spectrum(40), effectiveBatch(100, 100))).toBe(40);
});
