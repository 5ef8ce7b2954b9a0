import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discrepancy } from '../../testing/discrepancy.ts';
import { owenSobolPoints, shiftedSobolPoints, sobolDimensions, sobolPoints } from './sobol.ts';

/** Written by tests/fixtures/lab/sobol.py. */
const scipy = JSON.parse(readFileSync(new URL('../../../tests/fixtures/lab/sobol.json', import.meta.url), 'utf8')) as {
  readonly dimensions: number;
  readonly count: number;
  readonly sha256: string;
  readonly rows: Readonly<Record<string, readonly number[]>>;
  readonly discrepancy: Readonly<Record<string, number>>;
  readonly scrambledMean: Readonly<Record<string, number>>;
};

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x) / values.length;
const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

describe('the plain sequence', () => {
  test('is that of SciPy, to the last bit, in all dimensions', () => {
    expect(scipy.dimensions).toBe(sobolDimensions);
    const points = sobolPoints(scipy.count, scipy.dimensions);
    for (const [row, expected] of Object.entries(scipy.rows)) expect(points[Number(row)]).toEqual(expected);
    const bytes = new Uint8Array(new Float64Array(points.flat()).buffer);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(scipy.sha256);
  });

  test('has the discrepancy that SciPy computes', () => {
    for (const count of [64, 256]) expect(discrepancy(sobolPoints(count, 4))).toBeCloseTo(scipy.discrepancy[count], 12);
  });

  test('ends at the last dimension that has direction numbers', () => {
    expect(() => sobolPoints(2, 33)).toThrow('at most 32 dimensions here, not 33');
  });
});

/** How many of the points lie in each elementary interval of 2^a by 2^b cells, sorted: 1, 1, 1, ... for a (0, m, 2)-net. */
const occupancy = (points: readonly (readonly number[])[], a: number, b: number): string => {
  const cells = Array.from({ length: 2 ** (a + b) }, () => 0);
  for (const [x, y] of points) cells[Math.floor(x * 2 ** a) * 2 ** b + Math.floor(y * 2 ** b)]++;
  return cells.sort((p, q) => p - q).join();
};

describe.each([
  ['Owen scrambling', owenSobolPoints],
  ['a digital shift', shiftedSobolPoints],
])('%s', (_, points) => {
  test('keeps the net: every two-dimensional projection fills elementary intervals as the plain one does', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        fc.nat(9),
        (seed, m, i, j, split) => {
          const project = (all: readonly (readonly number[])[]) => all.map((x) => [x[i], x[j]]);
          const a = Math.min(split, m);
          const scrambled = project(points(2 ** m, 10, seed));
          expect(occupancy(scrambled, a, m - a)).toBe(occupancy(project(sobolPoints(2 ** m, 10)), a, m - a));
        },
      ),
    );
  });

  test('the first two dimensions are a (0, m, 2)-net: one point in every elementary interval', () => {
    for (const seed of seeds(5)) {
      for (let a = 0; a <= 6; a++) expect(occupancy(points(64, 2, seed), a, 6 - a)).toBe(seeds(64).fill(1).join());
    }
  });

  test('makes every point uniform, and dimensions independent', () => {
    // Of 4000 seeds, the same two points; 16 by 16 cells of two dimensions. Chi-square with 255 degrees of freedom: mean 255,
    // standard deviation 22.6; 350 is passed by chance once in ten thousand.
    const drawn = seeds(4000).map((seed) => points(7, 2, seed));
    for (const place of [0, 6]) {
      const cells = Array.from({ length: 256 }, () => 0);
      for (const all of drawn) cells[Math.floor(all[place][0] * 16) * 16 + Math.floor(all[place][1] * 16)]++;
      const expected = drawn.length / 256;
      expect(cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(350);
    }
  });

  test('the first points do not depend on how many follow', () => {
    expect(points(300, 5, 3).slice(0, 12)).toEqual(points(12, 5, 3));
  });

  test('is about as even as the scrambling of SciPy, and much more than independent draws', () => {
    for (const count of [16, 64]) {
      const ours = mean(seeds(100).map((seed) => discrepancy(points(count, 4, seed))));
      expect(ours / scipy.scrambledMean[count]).toBeGreaterThan(0.9);
      expect(ours / scipy.scrambledMean[count]).toBeLessThan(1.1);
    }
  });
});

// Owen (1997): the root mean square error for smooth functions falls as n^(-3/2); of independent draws it falls as n^(-1/2).
test('the error of an integral under Owen scrambling falls by 64 when there are 16 times as many points', () => {
  const rootMeanSquare = (count: number): number =>
    Math.sqrt(
      mean(
        seeds(200).map((seed) => (mean(owenSobolPoints(count, 1, seed).map(([x]) => Math.exp(x))) - (Math.E - 1)) ** 2),
      ),
    );
  const fall = rootMeanSquare(16) / rootMeanSquare(256);
  expect(fall).toBeGreaterThan(48);
  expect(fall).toBeLessThan(85);
});
