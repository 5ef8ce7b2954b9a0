import { describe, expect, test } from 'vitest';
import { discrepancy } from '../../testing/discrepancy.ts';
import { haltonPoints, radicalInverse } from './halton.ts';

describe('radicalInverse', () => {
  test.each([
    [2, [0.5, 0.25, 0.75, 0.125, 0.625]],
    [3, [1 / 3, 2 / 3, 1 / 9, 4 / 9, 7 / 9]],
    [5, [0.2, 0.4, 0.6, 0.8, 0.04]],
  ])('in base %d mirrors the digits of 1, 2, ...', (base, expected) => {
    for (const [i, value] of expected.entries()) expect(radicalInverse(i + 1, base)).toBeCloseTo(value, 12);
  });

  test('permutes digits where told to', () => {
    // 5 is 12 in base 3; with digits 1 and 2 swapped 21, mirrored 0.12: 1/3 + 2/9.
    expect(radicalInverse(5, 3, [0, 2, 1])).toBeCloseTo(1 / 3 + 2 / 9, 12);
  });

  test('64 and 256 unshifted Halton points in four dimensions have the known discrepancy', () => {
    const plain = (count: number) =>
      Array.from({ length: count }, (_, i) => [2, 3, 5, 7].map((base) => radicalInverse(i + 1, base)));
    expect(discrepancy(plain(64))).toBeCloseTo(0.00284, 4);
    expect(discrepancy(plain(256))).toBeCloseTo(2.77e-4, 5);
  });
});

test('two to the k points fall into as many equal cells of the first dimension, whatever the shift', () => {
  for (const seed of [0, 1, 2]) {
    const sorted = haltonPoints(16, 3, seed)
      .map(([x]) => x)
      .sort((a, b) => a - b);
    const gaps = sorted.map((x, i) => (sorted[(i + 1) % 16] - x + 1) % 1);
    for (const gap of gaps) expect(gap).toBeCloseTo(1 / 16, 9);
  }
});
