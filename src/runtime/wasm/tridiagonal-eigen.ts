import { type LinearAlgebra, type Matrix, roundUpToTile } from './linear-algebra.ts';

/** Smaller parts are not divided. */
const leaf = 16;

/** Room for the sums of a secular equation. */
const sumsSpace = 8;
/** Vectors that merging needs: six for `innerEigen`, and the numbers of rows. */
const vectors = 8;

/** What the merging of two halves needs of memory, for matrices of that size: inner vectors, one half of the rows, their product, and vectors. */
export const mergeSpace = (n: number): number =>
  n <= leaf ? 0 : roundUpToTile(n) * (3 * roundUpToTile(n) + vectors) + sumsSpace;

/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix: `d`, its diagonal, becomes the values, and row i of `v`, zeros at first, the
 * vector of d[i]; `order` the numbers of the values, ascending. e[i] couples i and i + 1, and is used up. J. Cuppen's divide and conquer (1981)
 * in the stable form of M. Gu & S. Eisenstat (1995); parts of at most 16 rows by implicit QL. All arrays lie in the memory of `algebra`.
 */
export function tridiagonalEigen(
  algebra: LinearAlgebra,
  d: Float64Array,
  e: Float64Array,
  v: Float64Array,
  row: number,
  order: Int32Array,
  space: Float64Array,
): void {
  const rows = { at: v.byteOffset, row };
  const z = new Float64Array(d.length);
  const sides = new Uint8Array(d.length);
  const solve = (from: number, to: number): void => {
    if (to - from <= leaf) {
      for (let i = from; i < to; i++) {
        v[i * row + i] = 1;
        order[i] = i;
      }
      algebra.implicitQl(d, e, from, to, rows);
    } else {
      const middle = from + roundUpToTile((to - from) / 2);
      const coupling = e[middle - 1];
      d[middle - 1] -= Math.abs(coupling);
      d[middle] -= Math.abs(coupling);
      solve(from, middle);
      solve(middle, to);
      sort(order, d, from, to);
      if (coupling !== 0) merge(algebra, d, v, row, { from, middle, to, coupling }, { z, sides, order, space });
    }
    sort(order, d, from, to);
  };
  solve(0, d.length);
}

/** Insertion sort, by ascending values: these are two ascending sequences, or nearly one. */
function sort(order: Int32Array, values: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const number = order[i];
    const value = values[number];
    let k = i;
    for (; k > from && values[order[k - 1]] > value; k--) order[k] = order[k - 1];
    order[k] = number;
  }
}

interface Halves {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  readonly coupling: number;
}

/** Which half of the columns a row is not zero in. */
const side = { left: 0, both: 1, right: 2 } as const;

interface Room {
  readonly z: Float64Array;
  readonly sides: Uint8Array;
  readonly order: Int32Array;
  readonly space: Float64Array;
}

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
  room: Room,
): void {
  const rho = 2 * Math.abs(coupling);
  const { z, sides, space } = room;
  let largest = rho;
  for (let i = from; i < to; i++) {
    sides[i] = i < middle ? side.left : side.right;
    z[i] = (i < middle ? v[i * row + middle - 1] : Math.sign(coupling) * v[i * row + middle]) * Math.SQRT1_2;
    largest = Math.max(largest, Math.abs(d[i]));
  }
  const rows = { at: v.byteOffset, row };
  const kept = deflate(algebra, d, rho, 8 * Number.EPSILON * largest, rows, room, [from, to]);
  const count = kept.length;
  if (count === 0) return;

  const inner = roundUpToTile(count);
  const part = inner * row;
  const [u, gathered, result] = [0, 1, 2].map((i) => space.subarray(i * part, (i + 1) * part));
  const small = space.subarray(3 * part);
  const [targets, places, sources] = [0, 1, 2].map(
    (i) => new Int32Array(small.buffer, small.byteOffset + i * inner * Int32Array.BYTES_PER_ELEMENT, count),
  );
  targets.set(kept);
  // Rows of the left half come first, then those of both, then those of the right one.
  const starts = [0, 0, 0];
  for (let i = 0; i < count; i++) for (let later = sides[kept[i]] + 1; later < 3; later++) starts[later]++;
  const ends = [...starts];
  for (let i = 0; i < count; i++) {
    const place = ends[sides[kept[i]]]++;
    places[place] = i;
    sources[place] = kept[i];
  }
  const roots = innerEigen(algebra, d, z, targets, rho, places, u, inner, small.subarray(2 * inner));
  for (let k = 0; k < count; k++) d[kept[k]] = roots[k];
  const half = (begin: number, end: number, first: number, last: number): void => {
    const width = roundUpToTile(end - begin);
    const columns = { at: v.byteOffset + begin * v.BYTES_PER_ELEMENT, row };
    const [right, product] = [gathered, result].map(({ byteOffset }) => ({ at: byteOffset, row: width }));
    algebra.gatherRows(columns, sources.subarray(first, last), right, width);
    result.fill(0, 0, inner * width);
    const left = { at: u.byteOffset + first * u.BYTES_PER_ELEMENT, row: inner };
    algebra.multiplyAdd(product, left, right, count, width, last - first);
    algebra.scatterRows(product, columns, targets, width);
  };
  half(from, middle, 0, starts[side.right]);
  half(middle, to, starts[side.both], count);
}

/**
 * Sets aside what is an eigenpair of the whole to within `tolerance`: where z vanishes; where two values nearly agree, a rotation makes it so.
 * Answers the others, by ascending value.
 */
function deflate(
  algebra: LinearAlgebra,
  d: Float64Array,
  rho: number,
  tolerance: number,
  rows: Matrix,
  { z, sides, order }: Room,
  [from, to]: readonly [number, number],
): number[] {
  const kept: number[] = [];
  let held = -1;
  for (let i = from; i < to; i++) {
    const j = order[i];
    if (rho * Math.abs(z[j]) <= tolerance) continue;
    if (held >= 0) {
      const length = Math.sqrt(z[held] * z[held] + z[j] * z[j]);
      const [c, s] = [z[j] / length, z[held] / length];
      const gap = d[j] - d[held];
      if (gap * Math.abs(c * s) <= tolerance) {
        algebra.rotate(rows, held, j, from, to - from, c, s);
        z[j] = length;
        d[held] += gap * s * s;
        d[j] -= gap * s * s;
        if (sides[held] !== sides[j]) sides[j] = side.both;
      } else kept.push(held);
    }
    held = j;
  }
  if (held >= 0) kept.push(held);
  return kept;
}

/**
 * Eigenvalues, ascending, of diag(d) + rho z z', of those elements; row i of `u` becomes the vector of value i, its components in the given
 * order. They are taken of the matrix whose eigenvalues the computed ones are exactly, which makes them orthogonal however close those lie.
 */
function innerEigen(
  algebra: LinearAlgebra,
  d: Float64Array,
  z: Float64Array,
  elements: Int32Array,
  rho: number,
  places: Int32Array,
  u: Float64Array,
  row: number,
  space: Float64Array,
): Float64Array {
  const n = elements.length;
  const [poles, weights, exact, one, roots] = [0, 1, 2, 3, 4].map((i) => space.subarray(i * row, i * row + n));
  for (let j = 0; j < n; j++) {
    poles[j] = d[elements[j]];
    weights[j] = z[elements[j]] * z[elements[j]];
  }
  // Rows of u are first the gaps of each pole to a root: poles[j] - root[i], free of cancellation.
  algebra.secularRoots({ poles, weights, rho, sums: space.subarray(5 * row) }, u, row, roots);
  exact.fill(1);
  algebra.exactWeights(u, row, poles, exact);
  for (let j = 0; j < n; j++) exact[j] = Math.sign(z[elements[j]]) * Math.sqrt(Math.abs(exact[j]));
  algebra.innerVectors(u, row, exact, places, one);
  return roots;
}
