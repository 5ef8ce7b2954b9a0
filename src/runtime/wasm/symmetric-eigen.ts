import type { TypedArray } from '../engine.ts';
import { reflectionSpace, reflectRows, together } from './block-reflections.ts';
import { type LinearAlgebra, roundUpToTile } from './linear-algebra.ts';
import { mergeSpace, tridiagonalEigen } from './tridiagonal-eigen.ts';

/**
 * Eigenvalues (ascending) and eigenvectors of the symmetric n by n matrix that the lower triangle at `start` describes, row-major, in float64:
 * Householder tridiagonalization, divide and conquer, and the reflections again, in blocks (Golub & Van Loan, Matrix Computations, 4th ed.,
 * 8.3.1, 8.4.3 and 5.1.7). The reference engine's Jacobi is its slow twin.
 * From number `to` on, `result` becomes the values and then the vectors, which are columns. Each has its largest component (the first of
 * them) positive. A matrix with a NaN or infinity answers NaN.
 */
export function symmetricEigen(
  algebra: LinearAlgebra,
  x: TypedArray,
  n: number,
  start: number,
  result: TypedArray,
  to: number,
): void {
  const size = roundUpToTile(n);
  const [space, a, rows, diagonal, beside, weights, u, p, next, y, numbers] = algebra.workspace(
    Math.max(n * n, reflectionSpace(n, size), mergeSpace(n)),
    ...([size * size, size * size, size, size, size, size, size, size, size, size] as const),
  );
  space.set(x.subarray(start, start + n * n));
  const matrix = { at: a.byteOffset, row: size };
  const largest = algebra.copyTriangle({ at: space.byteOffset, row: n }, n, matrix);
  if (Number.isNaN(largest)) {
    result.fill(Number.NaN, to, to + n * (n + 1));
    return;
  }
  // Squares of what lies far from 1 would overflow or vanish.
  const unit = largest > 1e100 || (largest > 0 && largest < 1e-100) ? largest : 1;
  if (unit !== 1) for (let i = 0; i < a.length; i++) a[i] /= unit;
  algebra.tridiagonalize(matrix, n, [u, p, next, y], [diagonal, beside, weights]);
  const order = new Int32Array(numbers.buffer, numbers.byteOffset, size);
  const values = diagonal.subarray(0, n);
  tridiagonalEigen(algebra, values, beside, rows, size, order, space);
  const reflections = { vectors: a, row: size, weights: weights.subarray(0, n) };
  for (let first = 0; first < n; first += together) {
    const end = Math.min(size, first + together);
    const panel = space.subarray(0, reflectionSpace(n, size));
    reflectRows(algebra, rows, [0, n], reflections, first, [0, end], panel);
  }
  algebra.writeColumns({ at: rows.byteOffset, row: size }, order, matrix);
  for (let i = 0; i < n; i++) result[to + i] = values[order[i]] * unit;
  copyRows(a, size, result, to + n, n);
}

function copyRows(from: Float64Array, row: number, to: TypedArray, start: number, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) to[start + i * n + j] = from[i * row + j];
  }
}
