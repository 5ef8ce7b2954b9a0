/** Coefficients of a Lanczos run: T has alpha on its diagonal and beta beside it, one beta fewer unless the last one matters (its size is kept). */
export interface Tridiagonal {
  readonly alpha: readonly number[];
  /** beta[j] joins step j and j + 1; the last one is what was left when the run ended. */
  readonly beta: readonly number[];
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const length = (a: Float64Array): number => Math.sqrt(dot(a, a));

/**
 * Lanczos with full re-orthogonalisation on a symmetric matrix known by its products. Golub & Van Loan, Algorithm 10.1.1. Ends early
 * when the directions are exhausted. `start` need not be of length 1, but it must not be 0.
 */
export async function lanczos(
  product: (v: Float64Array) => Promise<Float64Array>,
  start: Float64Array,
  steps: number,
): Promise<Tridiagonal> {
  const size = length(start);
  const basis: Float64Array[] = [start.map((x) => x / size)];
  const alpha: number[] = [];
  const beta: number[] = [];
  let largest = 0;
  for (let j = 0; j < Math.min(steps, start.length); j++) {
    let next = Float64Array.from(await product(basis[j]));
    alpha.push(dot(basis[j], next));
    // Twice is enough (Kahan, Parlett): it also takes out alpha v_j and beta v_{j-1}.
    for (let pass = 0; pass < 2; pass++) {
      for (const v of basis) {
        const along = dot(v, next);
        next = next.map((x, i) => x - along * v[i]);
      }
    }
    const left = length(next);
    beta.push(left);
    largest = Math.max(largest, Math.abs(alpha[j]), left);
    if (left <= 1e-12 * largest) break;
    basis.push(next.map((x) => x / left));
  }
  return { alpha, beta };
}

export interface RitzPairs {
  /** Eigenvalues of T, ascending. */
  readonly values: readonly number[];
  /** Squared first components of its eigenvectors: weights of a quadrature over the spectrum, of sum 1. */
  readonly weights: readonly number[];
}

/** Eigenvalues and quadrature weights of a Lanczos run: Jacobi rotations on the small matrix T. */
export function ritz({ alpha, beta }: Tridiagonal): RitzPairs {
  const n = alpha.length;
  const a = alpha.map((x, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? x : Math.abs(i - j) === 1 ? beta[Math.min(i, j)] : 0)),
  );
  // The first row of the eigenvectors' matrix is all that the weights need.
  const first: number[] = Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0));
  const off = () => a.reduce((sum, row, i) => sum + row.reduce((s, x, j) => (i === j ? s : s + x * x), 0), 0);
  const all = off() + alpha.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < 60 && off() > 1e-30 * all; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(tangent, 1);
        const s = tangent * c;
        for (let k = 0; k < n; k++) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        [first[p], first[q]] = [c * first[p] - s * first[q], s * first[p] + c * first[q]];
      }
    }
  }
  const order = a.map((row, i) => ({ value: row[i], weight: first[i] ** 2 })).sort((x, y) => x.value - y.value);
  return { values: order.map(({ value }) => value), weights: order.map(({ weight }) => weight) };
}
