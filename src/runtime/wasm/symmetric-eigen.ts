import type { TypedArray } from '../engine.ts';

/** QL takes one or two iterations for each eigenvalue of a finite matrix; this bound only guards the loop. */
const maxIterations = 100;

/** Far below the rounding of any matrix that `symmetricEigen` scales, and far above the numbers that have lost their digits. */
const negligible = 1e-290;

/**
 * Eigenvalues (ascending) and eigenvectors of the symmetric n by n matrix that the lower triangle at `start` describes, row-major: Householder
 * tridiagonalization and implicit QL (Golub & Van Loan, Matrix Computations, 4th ed., 8.3.1 and 8.3.3; EISPACK's TRED2 and TQL2), in
 * float64, with every inner loop over contiguous rows. The reference engine's Jacobi is its slow twin.
 * Each eigenvector, a column of `vectors`, has its largest component (the first of them) positive. A matrix with a NaN or infinity answers NaN.
 */
export function symmetricEigen(x: TypedArray, n: number, start = 0): { values: Float64Array; vectors: Float64Array } {
  const a = new Float64Array(n * n);
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = x[start + i * n + j];
      if (!Number.isFinite(value)) return { values: new Float64Array(n).fill(Number.NaN), vectors: a.fill(Number.NaN) };
      largest = Math.max(largest, Math.abs(value));
      a[i * n + j] = value;
    }
  }
  // Squares of what lies far from 1 would overflow or vanish.
  const unit = largest > 1e100 || (largest > 0 && largest < 1e-100) ? largest : 1;
  if (unit !== 1) for (let i = 0; i < a.length; i++) a[i] /= unit;
  const { lengths, beside } = tridiagonalize(a, n);
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
  const rows = product(a, lengths, n);
  implicitQl(diagonal, beside, rows, n);
  for (let i = 0; i < n; i++) diagonal[i] *= unit;
  return sorted(diagonal, rows, n);
}

/**
 * Reduces the lower triangle of `a` to Q' a Q = tridiagonal, Q = H(n-1) ... H(1), H(i) = I - u u' / lengths[i] with u in row i, left of the
 * diagonal (no reflection where lengths[i] is 0). The diagonal stays in `a`; beside[i] couples i - 1 and i.
 */
function tridiagonalize(a: Float64Array, n: number): { lengths: Float64Array; beside: Float64Array } {
  const lengths = new Float64Array(n);
  const beside = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const u = a.subarray(i * n, i * n + i);
    let scale = 0;
    for (let k = 0; k < i - 1; k++) scale += Math.abs(u[k]);
    if (scale === 0) {
      beside[i] = u[i - 1];
      continue;
    }
    scale += Math.abs(u[i - 1]);
    let h = 0;
    for (let k = 0; k < i; k++) {
      u[k] /= scale;
      h += u[k] * u[k];
    }
    const last = u[i - 1];
    const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h);
    beside[i] = scale * g;
    h -= last * g;
    u[i - 1] = last - g;
    lengths[i] = h;
    symmetricProduct(a, u, p, n);
    let dot = 0;
    for (let k = 0; k < i; k++) {
      p[k] /= h;
      dot += u[k] * p[k];
    }
    const half = dot / (2 * h);
    for (let k = 0; k < i; k++) p[k] -= half * u[k];
    for (let j = 0; j < i; j++) {
      const [uj, pj, row] = [u[j], p[j], j * n];
      for (let k = 0; k <= j; k++) a[row + k] -= uj * p[k] + pj * u[k];
    }
  }
  return { lengths, beside };
}

/** p = a u for the leading block of the size of u, of which only the lower triangle is read. */
function symmetricProduct(a: Float64Array, u: Float64Array, p: Float64Array, n: number): void {
  for (let j = 0; j < u.length; j++) {
    const [uj, row] = [u[j], j * n];
    let sum = a[row + j] * uj;
    for (let k = 0; k < j; k++) {
      const value = a[row + k];
      sum += value * u[k];
      p[k] += value * uj;
    }
    p[j] = sum;
  }
}

/** Q' = H(1) ... H(n-1), whose row i will become the eigenvector of the i-th diagonal entry. */
function product(a: Float64Array, lengths: Float64Array, n: number): Float64Array {
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (let i = 1; i < n; i++) {
    if (lengths[i] === 0) continue;
    const u = a.subarray(i * n, i * n + i);
    for (let j = 0; j < i; j++) {
      const row = j * n;
      let dot = 0;
      for (let k = 0; k < i; k++) dot += rows[row + k] * u[k];
      dot /= lengths[i];
      for (let k = 0; k < i; k++) rows[row + k] -= dot * u[k];
    }
  }
  return rows;
}

/** Turns the tridiagonal matrix diagonal by rotations, which also turn `rows`. beside[i] couples i - 1 and i. */
function implicitQl(d: Float64Array, beside: Float64Array, rows: Float64Array, n: number): void {
  const e = new Float64Array(n);
  e.set(beside.subarray(1));
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; iteration < maxIterations; iteration++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])) + negligible) m++;
      if (m === l) break;
      const slope = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (slope + (slope < 0 ? -1 : 1) * Math.hypot(slope, 1)); // Wilkinson's shift
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const [f, b] = [s * e[i], c * e[i]];
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        const t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        rotate(rows, i * n, n, c, s);
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** Turns the row at `row` and the next one in their plane. */
function rotate(rows: Float64Array, row: number, n: number, c: number, s: number): void {
  for (let k = row; k < row + n; k++) {
    const [first, second] = [rows[k], rows[k + n]];
    rows[k + n] = s * first + c * second;
    rows[k] = c * first - s * second;
  }
}

/** Ascending values; vectors as columns, each with its largest component positive. */
function sorted(d: Float64Array, rows: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const order = [...d.keys()].sort((i, j) => d[i] - d[j]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const row = from * n;
    let largest = 0;
    for (let k = 0; k < n; k++) if (Math.abs(rows[row + k]) > Math.abs(largest)) largest = rows[row + k];
    const sign = largest < 0 ? -1 : 1;
    for (let k = 0; k < n; k++) vectors[k * n + to] = sign * rows[row + k];
  });
  return { values: Float64Array.from(order, (i) => d[i]), vectors };
}
