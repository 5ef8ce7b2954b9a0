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
  const [space, a, u, p, next, y, rows] = algebra.workspace(
    Math.max(reflectionSpace(n, size), mergeSpace(n)),
    ...([size * size, size, size, size, size, size * size] as const),
  );
  const unit = copyTriangle(x, start, n, a, size);
  if (Number.isNaN(unit)) {
    result.fill(Number.NaN, to, to + n * (n + 1));
    return;
  }
  const { diagonal, beside, weights } = tridiagonalize(algebra, a, n, size, { u, p, next, y });
  tridiagonalEigen(algebra, diagonal, beside, rows, size, space);
  for (let first = 0; first < n; first += together) {
    const end = Math.min(size, first + together);
    const panel = space.subarray(0, reflectionSpace(n, size));
    reflectRows(algebra, rows, [0, n], { vectors: a, row: size, weights }, first, [0, end], panel);
  }
  for (let i = 0; i < n; i++) diagonal[i] *= unit;
  writeSorted(diagonal, rows, size, result, to);
}

/** Copies the lower triangle, and what `reflectAndMultiply` wants of the upper one; answers the unit, or NaN if an element is not finite. */
function copyTriangle(x: TypedArray, start: number, n: number, a: Float64Array, row: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = x[start + i * n + j];
      if (!(Math.abs(value) <= largest)) largest = Math.abs(value);
      if (!(largest < Infinity)) return Number.NaN;
      a[i * row + j] = value;
    }
    if (i % 2 === 1) a[(i - 1) * row + i] = a[i * row + i - 1];
  }
  // Squares of what lies far from 1 would overflow or vanish.
  const unit = largest > 1e100 || (largest > 0 && largest < 1e-100) ? largest : 1;
  if (unit !== 1) for (let i = 0; i < a.length; i++) a[i] /= unit;
  return unit;
}

/**
 * Reduces `a` to Q' a Q = tridiagonal, Q = H(n-1) ... H(1), H(i) = I - weights[i] u u' with u left in row i of `a`, left of the diagonal (all
 * else becomes zero; no reflection where the weight is 0). beside[i] couples i and i + 1. What H(i) does to the rows above is left to the
 * pass over them that multiplies them by the next u.
 */
function tridiagonalize(
  algebra: LinearAlgebra,
  a: Float64Array,
  n: number,
  row: number,
  { u, p, next, y }: Record<'u' | 'p' | 'next' | 'y', Float64Array>,
): { diagonal: Float64Array; beside: Float64Array; weights: Float64Array } {
  const [diagonal, beside, weights] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let pending = false;
  for (let i = n - 1; i >= 0; i--) {
    const own = i * row;
    if (pending) for (let k = 0; k <= i; k++) a[own + k] -= u[i] * p[k] + p[i] * u[k];
    u[i] = 0;
    p[i] = 0;
    diagonal[i] = a[own + i];
    a.fill(0, own + i, own + row);
    if (i === 0) break;
    let scale = 0;
    for (let k = 0; k < i - 1; k++) scale += Math.abs(a[own + k]);
    const last = own + i - 1;
    if (scale === 0) {
      beside[i - 1] = a[last];
      a[last] = 0;
    } else {
      scale += Math.abs(a[last]);
      let h = 0;
      for (let k = own; k < own + i; k++) {
        a[k] /= scale;
        h += a[k] * a[k];
      }
      const g = a[last] > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      beside[i - 1] = scale * g;
      h -= a[last] * g;
      a[last] -= g;
      weights[i] = 1 / h;
    }
    if (scale === 0 && !pending) continue;
    for (let k = 0; k <= i; k++) next[k] = a[own + k];
    algebra.reflectAndMultiply({ at: a.byteOffset, row }, i + (i % 2), u, p, next, y);
    pending = scale !== 0;
    let dot = 0;
    for (let k = 0; k < i; k++) {
      u[k] = next[k];
      p[k] = y[k] * weights[i];
      dot += u[k] * p[k];
    }
    const half = (dot * weights[i]) / 2;
    for (let k = 0; k < i; k++) p[k] -= half * u[k];
  }
  return { diagonal, beside, weights };
}

/** Components of all vectors that are turned to columns together: a row of the vectors has the same cache lines for them. */
const block = 16;

/** Ascending values, and then the vectors, which are rows of `rows`, as columns, each with its largest component positive. */
function writeSorted(d: Float64Array, rows: Float64Array, width: number, result: TypedArray, to: number): void {
  const n = d.length;
  const order = Int32Array.from(d.keys()).sort((i, j) => d[i] - d[j]);
  for (let i = 0; i < n; i++) result[to + i] = d[order[i]];
  const signs = Array.from(order, (row) => signOfLargest(rows, row * width, n));
  for (let top = 0; top < n; top += block) {
    const bottom = Math.min(n, top + block);
    for (let i = 0; i < n; i++) {
      const row = order[i] * width;
      for (let k = top; k < bottom; k++) result[to + (k + 1) * n + i] = signs[i] * rows[row + k];
    }
  }
}

function signOfLargest(x: Float64Array, from: number, count: number): number {
  let largest = 0;
  for (let k = from; k < from + count; k++) if (Math.abs(x[k]) > Math.abs(largest)) largest = x[k];
  return largest < 0 ? -1 : 1;
}
