import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { symmetricEigen as jacobi } from '../reference/linalg.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const symmetric = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('dense', 'sparse', 'low rank'))
  .chain(([n, kind]) => {
    const number = fc.double({ min: -1, max: 1, noNaN: true });
    const entry = kind === 'sparse' ? fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, number) : number;
    return fc.array(entry, { minLength: n * n, maxLength: n * n }).map((x) =>
      Float64Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        return kind === 'low rank' ? x[i] * x[j] : x[Math.max(i, j) * n + Math.min(i, j)];
      }),
    );
  });

const expectNear = (actual: Float64Array, wanted: readonly number[]): void => {
  expect(actual.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(Math.abs(actual[i] - value)).toBeLessThan(1e-14);
};

describe('symmetricEigen', () => {
  test('rebuilds the matrix from orthonormal vectors and ascending values, which are those of Jacobi', () => {
    fc.assert(
      fc.property(symmetric, (a) => {
        const n = Math.sqrt(a.length);
        const { values, vectors } = symmetricEigen(a, n);
        const expected = jacobi(a, n).values;
        for (let i = 0; i < n; i++) {
          expect(Math.abs(values[i] - expected[i])).toBeLessThan(1e-13);
          if (i > 0) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]);
          for (let j = 0; j < n; j++) {
            let [rebuilt, product] = [0, 0];
            for (let k = 0; k < n; k++) {
              rebuilt += vectors[i * n + k] * values[k] * vectors[j * n + k];
              product += vectors[k * n + i] * vectors[k * n + j];
            }
            expect(Math.abs(rebuilt - a[i * n + j])).toBeLessThan(1e-13);
            expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-13);
          }
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('only the lower triangle is read, and every vector points where its largest component is positive', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(0, 99, 1, 0), 2);
    expectNear(values, [-1, 1]);
    const half = Math.SQRT1_2;
    expectNear(vectors, [half, half, -half, half]);
  });

  test('what is not finite answers NaN', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(1, 0, Number.POSITIVE_INFINITY, 1), 2);
    expect([...values, ...vectors].every(Number.isNaN)).toBe(true);
  });

  test('huge and tiny entries keep their relative accuracy', () => {
    for (const scale of [1e200, 1e-200]) {
      const { values } = symmetricEigen(Float64Array.of(2 * scale, 0, 0, scale, 2 * scale, 0, 0, scale, 2 * scale), 3);
      expectNear(
        values.map((value) => value / scale),
        [2 - Math.SQRT2, 2, 2 + Math.SQRT2],
      );
    }
  });
});
