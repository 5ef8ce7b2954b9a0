import { broadcastShapes, sizeOf, stridesOf } from '../../tensor/shape.ts';
import type { TypedArray } from '../engine.ts';
import { type NdArray, offsets, type Rule, type Rules, zeros } from './array.ts';

/** Where the matrix of each batch entry begins, when the batch axes of x broadcast to `batch`. */
function matrixStarts(x: NdArray, batch: readonly number[]): Int32Array {
  const own = x.shape.slice(0, -2);
  const strides = stridesOf(x.shape);
  const missing = batch.length - own.length;
  return offsets(
    batch,
    batch.map((_, axis) => (axis < missing || own[axis - missing] === 1 ? 0 : strides[axis - missing])),
  );
}

/** Steps of a row and of a column of the last two axes, transposed if asked. */
const steps = ({ shape }: NdArray, transposed: boolean): [number, number] =>
  transposed ? [1, shape[shape.length - 1]] : [shape[shape.length - 1], 1];

const matmul: Rule<'matmul'> = ([a, b], { transposeA, transposeB }, node) => {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) ?? [];
  const [m, n] = node.shape.slice(-2);
  const inner = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  const [aRow, aColumn] = steps(a, transposeA);
  const [bRow, bColumn] = steps(b, transposeB);
  const [aStarts, bStarts] = [matrixStarts(a, batch), matrixStarts(b, batch)];
  const result = zeros(node);
  for (let matrix = 0; matrix < aStarts.length; matrix++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let [p, q] = [aStarts[matrix] + i * aRow, bStarts[matrix] + j * bColumn];
        let sum = 0;
        for (let k = 0; k < inner; k++, p += aColumn, q += bRow) sum += a.data[p] * b.data[q];
        result.data[(matrix * m + i) * n + j] = sum;
      }
    }
  }
  return result;
};

/** Jacobi needs 6 to 10 sweeps; a matrix with a NaN never converges. */
const maxSweeps = 50;

/**
 * Diagonalizes a symmetric matrix in place by cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, 4th ed., 8.5.2-8.5.4).
 * `a` becomes diagonal; the columns of `v`, the identity at first, become the eigenvectors. Rotations go on until every entry off the
 * diagonal is too small to change its two diagonal entries.
 */
function jacobi(a: Float64Array, v: Float64Array, n: number): void {
  for (let sweep = 0, rotated = true; rotated && sweep < maxSweeps; sweep++) {
    rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q];
        if (off === 0) continue;
        const [first, second] = [a[p * n + p], a[q * n + q]];
        if (Math.abs(off) < 1e-18 * (Math.abs(first) + Math.abs(second))) continue;
        rotated = true;
        const tau = (second - first) / (2 * off);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        const cosine = 1 / Math.hypot(1, t);
        const sine = t * cosine;
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q, cosine, sine);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k, cosine, sine);
        for (let k = 0; k < n; k++) rotate(v, k * n + p, k * n + q, cosine, sine);
        a[p * n + q] = 0;
        a[q * n + p] = 0;
      }
    }
  }
}

function rotate(x: Float64Array, i: number, j: number, cosine: number, sine: number): void {
  const [left, right] = [x[i], x[j]];
  x[i] = cosine * left - sine * right;
  x[j] = sine * left + cosine * right;
}

/**
 * Eigenvalues (ascending) and eigenvectors of the symmetric n by n matrix that the lower triangle at `start` describes, row-major.
 * Each eigenvector's sign makes its largest component (the first of them) positive. A matrix with a NaN or infinity answers NaN.
 */
export function symmetricEigen(x: TypedArray, n: number, start = 0): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from({ length: n * n }, (_, i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    return x[start + Math.max(row, column) * n + Math.min(row, column)];
  });
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  if (!a.every(Number.isFinite)) return { values: new Float64Array(n).fill(Number.NaN), vectors: v.fill(Number.NaN) };
  jacobi(a, v, n);

  const order = [...new Array(n).keys()].sort((i, j) => a[i * n + i] - a[j * n + j]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    let largest = 0;
    for (let k = 0; k < n; k++) if (Math.abs(v[k * n + from]) > Math.abs(largest)) largest = v[k * n + from];
    for (let k = 0; k < n; k++) vectors[k * n + to] = largest < 0 ? -v[k * n + from] : v[k * n + from];
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

const eigh: Rule<'eigh'> = ([x], _, node) => {
  const n = x.shape[x.shape.length - 1];
  const result = zeros(node);
  for (let matrix = 0; matrix < sizeOf(x.shape.slice(0, -2)); matrix++) {
    const { values, vectors } = symmetricEigen(x.data, n, matrix * n * n);
    result.data.set(values, matrix * (n + 1) * n);
    result.data.set(vectors, matrix * (n + 1) * n + n);
  }
  return result;
};

/**
 * Gram-Schmidt, each column cleared twice of those before it: once leaves what rounding brought back. A column that depends on them is
 * replaced by the first unit vector that does not, so Q is orthonormal whatever the matrix.
 */
function orthonormalColumns(x: readonly Float64Array[], m: number): Float64Array[] {
  const done: Float64Array[] = [];
  const cleared = (column: Float64Array): Float64Array => {
    const v = column.slice();
    for (const q of [...done, ...done]) {
      const along = v.reduce((sum, value, i) => sum + value * q[i], 0);
      for (let i = 0; i < m; i++) v[i] -= along * q[i];
    }
    return v;
  };
  const unit = (k: number): Float64Array => Float64Array.from({ length: m }, (_, i) => (i === k ? 1 : 0));
  for (const column of x) {
    let v = cleared(column);
    if (Math.hypot(...v) <= 1e-14 * Math.hypot(...column)) {
      const candidates = [...Array(m).keys()].map((k) => cleared(unit(k)));
      // Of m unit vectors one at least keeps this much of its length outside of fewer than m directions.
      v = candidates.find((candidate) => Math.hypot(...candidate) >= 0.5 / Math.sqrt(m)) ?? v;
    }
    const length = Math.hypot(...v);
    done.push(v.map((value) => value / length));
  }
  return done;
}

const qr: Rule<'qr'> = ([x], _, node) => {
  const [m, n] = x.shape.slice(-2);
  const result = zeros(node);
  for (let start = 0; start < result.data.length; start += m * n) {
    const columns = Array.from({ length: n }, (_unused, j) =>
      Float64Array.from({ length: m }, (_row, i) => x.data[start + i * n + j]),
    );
    orthonormalColumns(columns, m).forEach((q, j) => {
      q.forEach((value, i) => {
        result.data[start + i * n + j] = value;
      });
    });
  }
  return result;
};

export const linalg: Rules<'matmul' | 'eigh' | 'qr'> = { matmul, eigh, qr };
