import fc from 'fast-check';
import { determinant, inverse as libraryInverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { invert } from './cholesky.ts';

describe('the inverse by Cholesky', () => {
  it('is that of ml-matrix, determinant and all', () => {
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 49, maxLength: 49 });
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 7 }), (numbers, n) => {
        const root = Matrix.from1DArray(n, n, numbers.slice(0, n * n));
        const matrix = root.mmul(root.transpose()).add(Matrix.eye(n));
        const ours = invert(Float64Array.from(matrix.to1DArray()), n);
        const theirs = libraryInverse(matrix).to1DArray();
        expect(theirs).toHaveLength(n * n);
        for (const [i, value] of theirs.entries()) expect(ours?.inverse[i]).toBeCloseTo(value, 10);
        expect(ours?.logDeterminant).toBeCloseTo(Math.log(determinant(matrix)), 10);
      }),
    );
  });

  it('does not exist for a matrix that is not positive definite', () => {
    expect(invert(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
    expect(invert(Float64Array.of(1, 1, 1, 1), 2)).toBeNull();
    expect(invert(Float64Array.of(Number.NaN), 1)).toBeNull();
  });
});
