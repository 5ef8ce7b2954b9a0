import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linear, log, logOneMinus, quantile } from '../../optim/hyper.ts';
import { discrepancy } from '../../testing/discrepancy.ts';
import { defaultSearch, drawSettings, type SearchMethod, searchMethods, unitPoints } from './search.ts';

/** Mean over seeds of the centred L2 discrepancy. */
const average = (method: SearchMethod, count: number, dimensions: number, repeats = 60): number =>
  Array.from({ length: repeats }, (_, seed) => discrepancy(unitPoints(method, count, dimensions, seed))).reduce(
    (sum, x) => sum + x / repeats,
    0,
  );

describe('unitPoints', () => {
  test.each(searchMethods)('%s stays in the unit cube and follows from its seed', (method) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (count, dimensions, seed) => {
          const points = unitPoints(method, count, dimensions, seed);
          expect(points).toHaveLength(count);
          for (const point of points) expect(point).toHaveLength(dimensions);
          for (const x of points.flat()) expect(x >= 0 && x < 1).toBe(true);
          expect(unitPoints(method, count, dimensions, seed)).toEqual(points);
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each(searchMethods)('%s gives different points for two seeds', (method) => {
    expect(unitPoints(method, 3, 2, 1)).not.toEqual(unitPoints(method, 3, 2, 2));
  });

  test.each(searchMethods.filter((method) => method !== 'algoperf'))(
    'the first points of %s stay when more follow',
    (method) => {
      expect(unitPoints(method, 40, 3, 5).slice(0, 12)).toEqual(unitPoints(method, 12, 3, 5));
    },
  );

  // Why it is the default, at the size of a race.
  test('at a dozen points the default is the most even method, and the generator of the benchmark is no better than chance', () => {
    expect(defaultSearch).toBe('sobol');
    for (const dimensions of [2, 3, 4]) {
      const sobol = average('sobol', 12, dimensions);
      expect(sobol).toBeLessThan(0.85 * average('halton', 12, dimensions));
      expect(sobol).toBeLessThan(0.3 * average('random', 12, dimensions));
      expect(average('algoperf', 12, dimensions)).toBeGreaterThan(average('random', 12, dimensions));
    }
  });

  test('64 and 256 points in four dimensions have less than 0.3 times the discrepancy of independent ones', () => {
    for (const count of [64, 256]) {
      const random = average('random', count, 4, 10);
      for (const method of ['sobol', 'shifted-sobol', 'halton'] as const) {
        expect(average(method, count, 4, 10)).toBeLessThan(0.3 * random);
      }
    }
  });
});

describe('drawSettings', () => {
  test('maps points to quantiles of the ranges', () => {
    const space = { lr: log(1e-4, 1e-1), momentum: logOneMinus(0.5, 0.99), rho: linear(0, 2) };
    const settings = drawSettings(space, { count: 5, seed: 3 });
    const points = unitPoints('sobol', 5, 3, 3);
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
