import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { symmetricEigen as jacobi } from '../reference/linalg.ts';
import { hasMadd } from './features.ts';
import { type LinearAlgebra, loadLinearAlgebra } from './linear-algebra.ts';
import { symmetricEigen as writeEigen } from './symmetric-eigen.ts';

const algebras = await Promise.all([...new Set([hasMadd, false])].map(loadLinearAlgebra));
const [algebra] = algebras;

interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

function symmetricEigen(algebra: LinearAlgebra, a: Float64Array, n: number): Eigen {
  const result = new Float64Array(n * (n + 1));
  writeEigen(algebra, a, n, 0, result, 0);
  return { values: result.slice(0, n), vectors: result.slice(n) };
}

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

const fill = (n: number, entry: (i: number, j: number) => number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return entry(Math.max(i, j), Math.min(i, j));
  });
const noise = (i: number, j: number): number => (Math.sin(12.9898 * i + 78.233 * j + 1) * 43758.5453) % 1;
/** I - 2 v v' / v'v, whose eigenvalues are -1 and 1, n - 1 times. */
const mirror = (n: number): Float64Array => {
  const v = Float64Array.from({ length: n }, (_, i) => noise(i, 3) + 0.1);
  const squares = v.reduce((sum, value) => sum + value * value, 0);
  return fill(n, (i, j) => Number(i === j) - (2 * v[i] * v[j]) / squares);
};

const kinds: Readonly<Record<string, (n: number) => Float64Array>> = {
  dense: (n) => fill(n, noise),
  'of rank 3': (n) => fill(n, (i, j) => [0, 1, 2].reduce((sum, k) => sum + noise(i, k) * noise(j, k), 0)),
  'with a repeated eigenvalue': mirror,
  'with pairs of close eigenvalues': (n) =>
    fill(n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : Number(i === j + 1))), // W+ of J. H. Wilkinson
  'of ones': (n) => fill(n, () => 1),
  tridiagonal: (n) => fill(n, (i, j) => (i === j ? 2 : Number(i === j + 1) * -1)),
  'of blocks': (n) => fill(n, (i, j) => (Math.floor(i / 5) === Math.floor(j / 5) ? noise(i, j) : 0)),
  graded: (n) => fill(n, (i, j) => noise(i, j) * 10 ** ((-8 * (i + j)) / n)),
  diagonal: (n) => fill(n, (i, j) => (i === j ? noise(i, j) : 0)),
  zero: (n) => fill(n, () => 0),
};

/** The largest errors of vectors' products with each other, and of A v - value v relative to the largest value. */
function errors(a: Float64Array, n: number, { values, vectors }: Eigen): { orthogonality: number; residual: number } {
  const columns = Array.from(values, (_, i) => Float64Array.from(values, (_value, k) => vectors[k * n + i]));
  const dot = (x: Float64Array, y: Float64Array): number => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += x[k] * y[k];
    return sum;
  };
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let [orthogonality, residual] = [0, 0];
  columns.forEach((v, i) => {
    for (let j = 0; j <= i; j++)
      orthogonality = Math.max(orthogonality, Math.abs(dot(v, columns[j]) - Number(i === j)));
    for (let k = 0; k < n; k++) {
      const error = Math.abs(dot(a.subarray(k * n, (k + 1) * n), v) - values[i] * v[k]);
      residual = Math.max(residual, error / (largest || 1));
    }
  });
  return { orthogonality, residual };
}

describe('symmetricEigen', () => {
  const sizes = [...Array.from({ length: 40 }, (_, i) => i + 1), 97, 200];
  test.each(Object.entries(kinds))('matrices %s, of 1 to 40, 97 and 200 rows', (_, make) => {
    for (const each of algebras) {
      for (const n of sizes) {
        const a = make(n);
        const eigen = symmetricEigen(each, a, n);
        const { orthogonality, residual } = errors(a, n, eigen);
        expect(orthogonality, `${n} rows`).toBeLessThan(2e-14);
        expect(residual, `${n} rows`).toBeLessThan(5e-15);
        const values = [...eigen.values];
        expect(values).toEqual([...values].sort((x, y) => x - y));
      }
    }
  });

  // Jacobi is the less accurate here: it rotates the values thousands of times.
  test('values agree with Jacobi where they are divided and conquered', () => {
    for (const make of [kinds.dense, kinds['of rank 3'], mirror]) {
      const [n, a] = [60, make(60)];
      const { values } = symmetricEigen(algebra, a, n);
      const expected = jacobi(a, n).values;
      const largest = Math.max(...expected.map(Math.abs));
      expected.forEach((value, i) => {
        expect(Math.abs(values[i] - value)).toBeLessThan(3e-14 * largest);
      });
    }
  });

  test.each([1e150, 1e-150])('vectors do not depend on the scale, 40 rows times %d', (scale) => {
    const a = kinds.dense(40);
    const { values, vectors } = symmetricEigen(algebra, a, 40);
    const scaled = symmetricEigen(
      algebra,
      a.map((value) => value * scale),
      40,
    );
    vectors.forEach((value, i) => {
      expect(Math.abs(scaled.vectors[i] - value)).toBeLessThan(1e-12);
    });
    values.forEach((value, i) => {
      expect(Math.abs(scaled.values[i] / scale - value)).toBeLessThan(1e-13);
    });
  });

  test('what came before leaves no trace: the same to the last bit after a larger matrix', () => {
    const a = kinds.dense(37);
    const first = symmetricEigen(algebra, a, 37);
    symmetricEigen(algebra, kinds.dense(90), 90);
    expect(symmetricEigen(algebra, a, 37)).toEqual(first);
    algebra.release();
  });

  test('rebuilds the matrix from orthonormal vectors and ascending values, which are those of Jacobi', () => {
    fc.assert(
      fc.property(symmetric, (a) => {
        const n = Math.sqrt(a.length);
        const { values, vectors } = symmetricEigen(algebra, a, n);
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
    const { values, vectors } = symmetricEigen(algebra, Float64Array.of(0, 99, 1, 0), 2);
    expectNear(values, [-1, 1]);
    const half = Math.SQRT1_2;
    expectNear(vectors, [half, half, -half, half]);
  });

  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])('%d answers NaN', (value) => {
    for (const [n, at] of [
      [2, 2],
      [50, 49 * 50],
    ]) {
      const { values, vectors } = symmetricEigen(algebra, kinds.dense(n).fill(value, at, at + 1), n);
      expect([...values, ...vectors].every(Number.isNaN)).toBe(true);
    }
  });

  test('huge and tiny entries keep their relative accuracy', () => {
    for (const scale of [1e200, 1e-200]) {
      const { values } = symmetricEigen(
        algebra,
        Float64Array.of(2 * scale, 0, 0, scale, 2 * scale, 0, 0, scale, 2 * scale),
        3,
      );
      expectNear(
        values.map((value) => value / scale),
        [2 - Math.SQRT2, 2, 2 + Math.SQRT2],
      );
    }
  });
});
