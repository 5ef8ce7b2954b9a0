import { type LinearAlgebra, roundUpToTile } from './linear-algebra.ts';
import { secularRoot } from './secular.ts';

/** QL takes one or two iterations for each eigenvalue of a finite matrix; this bound only guards the loop. */
const maxIterations = 100;
/** Far below the rounding of any matrix that `symmetricEigen` scales, and far above the numbers that have lost their digits. */
const negligible = 1e-290;
/** Smaller parts are not divided. */
const leaf = 16;

/** Room for the sums of a secular equation. */
const sumsSpace = 8;

/**
 * What the merging of two halves needs of memory, for matrices of that size: inner vectors, one half of the rows, their product, and five
 * vectors and sums for `innerEigen`.
 */
export const mergeSpace = (n: number): number =>
  n <= leaf ? 0 : roundUpToTile(n) * (3 * roundUpToTile(n) + 5) + sumsSpace;

/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix: `d`, its diagonal, becomes the values (in no order), and row i of `v`, zeros
 * at first, the vector of d[i]. e[i] couples i and i + 1, and is used up. J. Cuppen's divide and conquer (1981) in the stable form of M. Gu &
 * S. Eisenstat (1995); parts of at most 16 rows by implicit QL
 * (EISPACK's TQL2).
 */
export function tridiagonalEigen(
  algebra: LinearAlgebra,
  d: Float64Array,
  e: Float64Array,
  v: Float64Array,
  row: number,
  space: Float64Array,
): void {
  const solve = (from: number, to: number): void => {
    if (to - from <= leaf) {
      for (let i = from; i < to; i++) v[i * row + i] = 1;
      implicitQl(d, e, [from, to], v, row);
      return;
    }
    const middle = from + roundUpToTile((to - from) / 2);
    const coupling = e[middle - 1];
    d[middle - 1] -= Math.abs(coupling);
    d[middle] -= Math.abs(coupling);
    solve(from, middle);
    solve(middle, to);
    if (coupling !== 0) merge(algebra, d, v, row, { from, middle, to, coupling }, space);
  };
  solve(0, d.length);
}

interface Halves {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  readonly coupling: number;
}

/** Which half of the columns a row is not zero in. */
type Side = 'left' | 'both' | 'right';

/**
 * From the halves' eigenpairs to those of their sum with |coupling| w w', w = (0 ... 0, 1, ±1, 0 ... 0): in the basis of the rows of v, that is
 * diag(d) + rho z z' with z of length 1.
 */
function merge(
  algebra: LinearAlgebra,
  d: Float64Array,
  v: Float64Array,
  row: number,
  { from, middle, to, coupling }: Halves,
  space: Float64Array,
): void {
  const rho = 2 * Math.abs(coupling);
  const z = new Float64Array(d.length);
  const sides = new Array<Side>(d.length);
  let largest = rho;
  for (let i = from; i < to; i++) {
    sides[i] = i < middle ? 'left' : 'right';
    z[i] = (i < middle ? v[i * row + middle - 1] : Math.sign(coupling) * v[i * row + middle]) * Math.SQRT1_2;
    largest = Math.max(largest, Math.abs(d[i]));
  }
  const kept = deflate(d, z, rho, 8 * Number.EPSILON * largest, v, row, sides, [from, to]);
  if (kept.length === 0) return;

  const order: number[] = [];
  for (const side of ['left', 'both', 'right'] as const) {
    for (let i = 0; i < kept.length; i++) if (sides[kept[i]] === side) order.push(i);
  }
  const inner = roundUpToTile(kept.length);
  const part = inner * row;
  const [u, gathered, result] = [0, 1, 2].map((i) => space.subarray(i * part, (i + 1) * part));
  const small = space.subarray(3 * part, 3 * part + 5 * inner + sumsSpace);
  const roots = innerEigen(algebra, elements(d, kept), elements(z, kept), rho, order, u, inner, small);
  for (let k = 0; k < kept.length; k++) d[kept[k]] = roots[k];
  const half = (side: Side, begin: number, end: number): void => {
    const first = order.findIndex((i) => sides[kept[i]] !== (side === 'left' ? 'right' : 'left'));
    const taking = order.filter((i) => sides[kept[i]] === side || sides[kept[i]] === 'both');
    const width = roundUpToTile(end - begin);
    for (let k = 0; k < taking.length; k++) copy(v, kept[taking[k]] * row + begin, gathered, k * width, width);
    result.fill(0, 0, inner * width);
    const left = { at: u.byteOffset + first * u.BYTES_PER_ELEMENT, row: inner };
    const [right, product] = [gathered, result].map(({ byteOffset }) => ({ at: byteOffset, row: width }));
    algebra.multiplyAdd(product, left, right, kept.length, width, taking.length);
    for (let k = 0; k < kept.length; k++) copy(result, k * width, v, kept[k] * row + begin, width);
  };
  half('left', from, middle);
  half('right', middle, to);
}

function elements(of: Float64Array, indices: readonly number[]): Float64Array {
  const found = new Float64Array(indices.length);
  for (let k = 0; k < found.length; k++) found[k] = of[indices[k]];
  return found;
}

/** To make a view of a short row, for `set`, would take longer than to copy it. */
function copy(from: Float64Array, at: number, to: Float64Array, start: number, count: number): void {
  if (count > 64) to.set(from.subarray(at, at + count), start);
  else for (let k = 0; k < count; k++) to[start + k] = from[at + k];
}

/**
 * Sets aside what is an eigenpair of the whole to within `tolerance`: where z vanishes; where two values nearly agree, a rotation makes it so.
 * Answers the others, by ascending value.
 */
function deflate(
  d: Float64Array,
  z: Float64Array,
  rho: number,
  tolerance: number,
  v: Float64Array,
  row: number,
  sides: Side[],
  [from, to]: readonly [number, number],
): number[] {
  const kept: number[] = [];
  let held: number | undefined;
  const ascending = Array.from({ length: to - from }, (_, i) => from + i).sort((i, j) => d[i] - d[j]);
  for (const j of ascending) {
    if (rho * Math.abs(z[j]) <= tolerance) continue;
    if (held !== undefined) {
      const length = hypot(z[held], z[j]);
      const [c, s] = [z[j] / length, z[held] / length];
      const gap = d[j] - d[held];
      if (gap * Math.abs(c * s) <= tolerance) {
        rotate(v, held * row + from, j * row + from, to - from, c, s);
        z[j] = length;
        d[held] += gap * s * s;
        d[j] -= gap * s * s;
        if (sides[held] !== sides[j]) sides[j] = 'both';
      } else kept.push(held);
    }
    held = j;
  }
  if (held !== undefined) kept.push(held);
  return kept;
}

/**
 * Eigenvalues, ascending, of diag(d) + rho z z'; row i of `u` becomes the vector of value i, its components in the given order. They are taken
 * of the matrix whose eigenvalues the computed ones are exactly, which makes them orthogonal however close those lie.
 */
function innerEigen(
  algebra: LinearAlgebra,
  d: Float64Array,
  z: Float64Array,
  rho: number,
  order: readonly number[],
  u: Float64Array,
  row: number,
  space: Float64Array,
): Float64Array {
  const n = d.length;
  const [poles, weights, exact, one] = [0, 1, 2, 3].map((i) => space.subarray(i * row, i * row + n));
  const places = new Int32Array(space.buffer, space.byteOffset + 4 * row * space.BYTES_PER_ELEMENT, n);
  const equation = { poles, weights, rho, sums: space.subarray(5 * row) };
  const roots = new Float64Array(n);
  poles.set(d);
  places.set(order);
  for (let j = 0; j < n; j++) weights[j] = z[j] * z[j];
  // Rows of u are first the gaps of each pole to a root: poles[j] - root[i], free of cancellation.
  for (let i = 0; i < n; i++) roots[i] = secularRoot(algebra, i, equation, u, i * row);
  exact.fill(1);
  algebra.exactWeights(u, row, poles, exact);
  for (let j = 0; j < n; j++) exact[j] = Math.sign(z[j]) * Math.sqrt(Math.abs(exact[j]));
  algebra.innerVectors(u, row, exact, places, one);
  return roots;
}

/** Turns the tridiagonal matrix [from, to) diagonal by rotations, which also turn those rows and columns of `v`. */
function implicitQl(
  d: Float64Array,
  e: Float64Array,
  [from, to]: readonly [number, number],
  v: Float64Array,
  row: number,
): void {
  for (let l = from; l < to; l++) {
    for (let iteration = 0; iteration < maxIterations; iteration++) {
      let m = l;
      while (m < to - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])) + negligible) m++;
      if (m === l) break;
      const slope = (d[l + 1] - d[l]) / (2 * e[l]);
      let g = d[m] - d[l] + e[l] / (slope + (slope < 0 ? -1 : 1) * hypot(slope, 1)); // Wilkinson's shift
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = hypot(f, g);
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
        rotate(v, i * row + from, (i + 1) * row + from, to - from, c, s);
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** `Math.hypot` takes ten times as long, and is needed only where squares lose digits. */
function hypot(a: number, b: number): number {
  const squares = a * a + b * b;
  return squares > 1e-280 && squares < 1e300 ? Math.sqrt(squares) : Math.hypot(a, b);
}

/** Turns two rows, of which each begins at an index, in their plane. */
function rotate(v: Float64Array, first: number, second: number, count: number, c: number, s: number): void {
  for (let k = 0; k < count; k++) {
    const a = v[first + k];
    const b = v[second + k];
    v[second + k] = s * a + c * b;
    v[first + k] = c * a - s * b;
  }
}
