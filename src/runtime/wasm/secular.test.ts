import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secularRoot } from './secular.ts';

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

function expectRoots(poles: Float64Array, weights: Float64Array, rho: number): void {
  poles.forEach((_, i) => {
    const gaps = new Float64Array(poles.length);
    const root = secularRoot(i, poles, weights, rho, gaps);
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

test('every root lies between its poles and makes the function vanish to within rounding', () => {
  fc.assert(
    fc.property(problem, ({ steps, weights, rho }) => {
      let at = -1;
      const poles = Float64Array.from(steps, (step) => {
        at += step;
        return at;
      });
      expectRoots(poles, weights, rho);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('where steps of both kinds would lead back and forth', () => {
  expectRoots(Float64Array.of(0.01, 0.02, 0.0201, 0.0202, 0.0302), Float64Array.of(0.01, 1e-4, 1e-5, 1e-3, 1e-5), 1000);
});

test('one pole', () => {
  const gaps = new Float64Array(1);
  expect(secularRoot(0, Float64Array.of(3), Float64Array.of(0.25), 2, gaps)).toBe(3.5);
  expect(gaps[0]).toBe(-0.5);
});
