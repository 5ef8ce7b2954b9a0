import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasMadd } from './features.ts';
import { type LinearAlgebra, loadLinearAlgebra } from './linear-algebra.ts';

/** Poles and weights of very different sizes, the poles apart. */
const problem = fc
  .array(fc.tuple(fc.double({ min: -9, max: 0, noNaN: true }), fc.double({ min: -18, max: 0, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  })
  .chain((pairs) =>
    fc.record({
      steps: fc.constant(pairs.map(([step]) => 10 ** step)),
      weights: fc.constant(Float64Array.from(pairs, ([, weight]) => 10 ** weight)),
      rho: fc.double({ min: -9, max: 1, noNaN: true }).map((power) => 10 ** power),
    }),
  );

function expectRoots(algebra: LinearAlgebra, given: Float64Array, sizes: Float64Array, rho: number): void {
  const n = given.length;
  const row = n + (n % 2);
  const [, poles, weights, all, sums, roots] = algebra.workspace(0, n, n, n * row, 5, n);
  poles.set(given);
  weights.set(sizes);
  algebra.secularRoots({ poles, weights, rho, sums }, all, row, roots);
  roots.forEach((root, i) => {
    const gaps = all.subarray(i * row, i * row + n);
    gaps.forEach((gap, j) => {
      expect(Math.sign(gap)).toBe(j <= i ? -1 : 1);
      expect(Math.abs(poles[j] - root - gap)).toBeLessThanOrEqual(1e-15 * (Math.abs(poles[j]) + Math.abs(root)));
    });
    const terms = [1, ...Array.from(weights, (weight, j) => (rho * weight) / gaps[j])];
    const sum = terms.reduce((total, term) => total + term);
    const size = terms.reduce((total, term) => total + Math.abs(term), 0);
    expect(Math.abs(sum)).toBeLessThan(1e-12 * size);
  });
}

describe.each([...new Set([hasMadd, false])])('fused multiply-add %s', async (madd) => {
  const algebra = await loadLinearAlgebra(madd);

  test('every root lies between its poles and makes the function vanish to within rounding', () => {
    fc.assert(
      fc.property(problem, ({ steps, weights, rho }) => {
        let at = -1;
        const poles = Float64Array.from(steps, (step) => {
          at += step;
          return at;
        });
        expectRoots(algebra, poles, weights, rho);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('where steps of both kinds would lead back and forth', () => {
    expectRoots(
      algebra,
      Float64Array.of(0.01, 0.02, 0.0201, 0.0202, 0.0302),
      Float64Array.of(0.01, 1e-4, 1e-5, 1e-3, 1e-5),
      1000,
    );
  });

  test('one pole', () => {
    const [, poles, weights, gaps, sums, roots] = algebra.workspace(0, 1, 1, 1, 5, 1);
    poles.fill(3);
    weights.fill(0.25);
    algebra.secularRoots({ poles, weights, rho: 2, sums }, gaps, 1, roots);
    expect(roots[0]).toBe(3.5);
    expect(gaps[0]).toBe(-0.5);
  });
});
