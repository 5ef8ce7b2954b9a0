import type { TypedArray } from '../engine.ts';
import { reflectionSpace, reflectRows, together } from './block-reflections.ts';
import { type LinearAlgebra, roundUpToTile } from './linear-algebra.ts';

/**
 * Q of the thin QR decomposition of an m by n matrix, m >= n, by Householder reflections in blocks (Golub & Van Loan, Matrix Computations,
 * 4th ed., 5.2.2 and 5.2.3), written to `q` at `to`; R has no negative diagonal entry. Columns that depend on those before them continue the
 * basis, so Q is orthonormal whatever the matrix. A matrix with a NaN or infinity answers NaN.
 */
export function orthonormalize(
  algebra: LinearAlgebra,
  x: TypedArray,
  m: number,
  n: number,
  from: number,
  q: TypedArray,
  to: number,
): void {
  let largest = 0;
  for (let i = from; i < from + m * n; i++) {
    // Not Math.max, which a NaN wins only once.
    if (!(Math.abs(x[i]) <= largest)) largest = Math.abs(x[i]);
    if (!Number.isFinite(largest)) {
      q.fill(Number.NaN, to, to + m * n);
      return;
    }
  }
  const row = roundUpToTile(m);
  const area = roundUpToTile(n) * row;
  // Columns are rows here, so that the inner loops run through memory in order.
  const [space, vectors, columns] = algebra.workspace(reflectionSpace(n, row), area, area);
  // Scaled, so that no square overflows.
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) vectors[j * row + i] = x[from + i * n + j] / (largest || 1);
  }
  const reflections = { vectors, row, weights: new Float64Array(n) };
  const flips: boolean[] = [];
  for (let first = 0; first < n; first += together) {
    const end = Math.min(n, first + together);
    for (let k = first; k < end; k++) flips.push(reflectColumn(reflections, m, k, end));
    reflectRows(algebra, vectors, [end, n], reflections, first, [first, row], space);
  }
  for (let j = 0; j < n; j++) columns[j * row + j] = 1;
  // The reflections after number j leave the unit vector j as it is.
  for (let first = Math.floor((n - 1) / together) * together; first >= 0; first -= together) {
    reflectRows(algebra, columns, [first, n], reflections, first, [first, row], space, true);
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) q[to + i * n + j] = flips[j] ? -columns[j * row + i] : columns[j * row + i];
  }
}

/** Makes column k the vector of its reflection and reflects those up to `end`; answers whether R's entry became negative. */
function reflectColumn(
  { vectors, row, weights }: { vectors: Float64Array; row: number; weights: Float64Array },
  m: number,
  k: number,
  end: number,
): boolean {
  const v = vectors.subarray(k * row, k * row + m);
  v.fill(0, 0, k);
  const top = largestFrom(v, k);
  if (top === 0) return false;
  // Only the direction counts, so no square need underflow.
  for (let i = k; i < m; i++) v[i] /= top;
  const flips = v[k] >= 0;
  const length = Math.sqrt(dot(v, v, k));
  v[k] += flips ? length : -length;
  weights[k] = 2 / dot(v, v, k);
  for (let j = k + 1; j < end; j++) {
    const column = vectors.subarray(j * row, j * row + m);
    addTo(column, -weights[k] * dot(v, column, k), v, k);
  }
  return flips;
}

const dot = (a: Float64Array, b: Float64Array, from: number): number => {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

const largestFrom = (a: Float64Array, from: number): number => {
  let largest = 0;
  for (let i = from; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]));
  return largest;
};

/** y <- y + scale x, from an index on. */
const addTo = (y: Float64Array, scale: number, x: Float64Array, from: number): void => {
  for (let i = from; i < y.length; i++) y[i] += scale * x[i];
};
