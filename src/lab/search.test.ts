import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linear, log, logOneMinus, quantile } from '../optim/hyper.ts';
import { testRandom } from '../testing/draw.ts';
import { drawSettings, radicalInverse, type SearchMethod, unitPoints } from './search.ts';

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
});

describe('unitPoints', () => {
  const methods: SearchMethod[] = ['halton', 'algoperf'];

  test.each(methods)('%s stays in the unit cube and follows from its seed', (method) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (count, dimensions, seed) => {
          const points = unitPoints(method, count, dimensions, seed);
          expect(points).toHaveLength(count);
          for (const x of points.flat()) expect(x >= 0 && x < 1).toBe(true);
          expect(unitPoints(method, count, dimensions, seed)).toEqual(points);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('halton puts two to the k points of its first dimension into as many equal cells, whatever the shift', () => {
    for (const seed of [0, 1, 2]) {
      const sorted = unitPoints('halton', 16, 3, seed)
        .map(([x]) => x)
        .sort((a, b) => a - b);
      const gaps = sorted.map((x, i) => (sorted[(i + 1) % 16] - x + 1) % 1);
      for (const gap of gaps) expect(gap).toBeCloseTo(1 / 16, 9);
    }
  });

  test('two seeds give different points', () => {
    for (const method of methods) expect(unitPoints(method, 3, 2, 1)).not.toEqual(unitPoints(method, 3, 2, 2));
  });

  // The reason for the default: at the size of a race the benchmark's generator is no more even than independent draws.
  test('at a dozen points only halton is more even than independent draws', () => {
    const random = testRandom(1);
    const repeats = 40;
    const average = (draw: (seed: number) => number[][]) =>
      Array.from({ length: repeats }, (_, seed) => discrepancy(draw(seed))).reduce((sum, x) => sum + x) / repeats;
    const independent = average(() => Array.from({ length: 12 }, () => [random(), random(), random()]));
    expect(average((seed) => unitPoints('halton', 12, 3, seed))).toBeLessThan(0.5 * independent);
    // Its digits are shuffled by the base alone, so its seeds differ by shifts; hence the wide bound.
    expect(average((seed) => unitPoints('algoperf', 12, 3, seed))).toBeGreaterThan(0.6 * independent);
  });

  test('64 and 256 unshifted Halton points in four dimensions have the known discrepancy', () => {
    const plain = (count: number) =>
      Array.from({ length: count }, (_, i) => [2, 3, 5, 7].map((base) => radicalInverse(i + 1, base)));
    expect(discrepancy(plain(64))).toBeCloseTo(0.00284, 4);
    expect(discrepancy(plain(256))).toBeCloseTo(2.77e-4, 5);
  });
});

describe('drawSettings', () => {
  test('maps points to quantiles of the ranges', () => {
    const space = { lr: log(1e-4, 1e-1), momentum: logOneMinus(0.5, 0.99), rho: linear(0, 2) };
    const settings = drawSettings(space, { count: 5, seed: 3 });
    const points = unitPoints('halton', 5, 3, 3);
    settings.forEach(({ lr, momentum, rho }, i) => {
      expect(lr).toBe(quantile(space.lr, points[i][0]));
      expect(momentum).toBe(quantile(space.momentum, points[i][1]));
      expect(rho).toBe(quantile(space.rho, points[i][2]));
    });
    expect(quantile(space.lr, 0.3)).toBeCloseTo(7.94328234724e-4, 14);
  });

  test('nothing to tune gives the same empty setting each time', () => {
    expect(drawSettings({}, { count: 2, seed: 0 })).toEqual([{}, {}]);
  });
});

/** Centred L2 discrepancy, squared (Hickernell 1998). */
function discrepancy(points: readonly (readonly number[])[]): number {
  const [n, d] = [points.length, points[0].length];
  const single = points.reduce(
    (sum, x) => sum + x.reduce((p, v) => p * (1 + 0.5 * Math.abs(v - 0.5) - 0.5 * (v - 0.5) ** 2), 1),
    0,
  );
  let pairs = 0;
  for (const x of points) {
    for (const y of points) {
      pairs += x.reduce(
        (p, v, k) => p * (1 + 0.5 * Math.abs(v - 0.5) + 0.5 * Math.abs(y[k] - 0.5) - 0.5 * Math.abs(v - y[k])),
        1,
      );
    }
  }
  return (13 / 12) ** d - (2 / n) * single + pairs / n ** 2;
}
