import { type LinearAlgebra, type Matrix, roundUpToTile } from './linear-algebra.ts';

/** Reflections that are applied together. */
export const together = 16;

/** Householder reflections H(i) = I - weights[i] v v', v being row i of `vectors`. */
export interface Reflections {
  readonly vectors: Float64Array;
  /** Elements of a row: a multiple of 4. */
  readonly row: number;
  readonly weights: Float64Array;
}

/** What `reflectRows` needs of memory for that many rows, of whose columns that many matter. */
export const reflectionSpace = (rows: number, columns: number): number =>
  together * (2 * together + roundUpToTile(rows) + columns);

/**
 * Multiplies rows [from, to) of `x`, stored like the vectors, from the right by the reflections `first`, first + 1, ... of a block, or by
 * the same in the opposite order, of which only columns [begin, end) matter (multiples of 4). The product is I - V' T V with T upper
 * triangular (R. Schreiber & C. Van Loan, A storage-efficient WY representation for products of Householder transformations, 1989), or T'.
 */
export function reflectRows(
  algebra: LinearAlgebra,
  x: Float64Array,
  [from, to]: readonly [number, number],
  { vectors, row, weights }: Reflections,
  first: number,
  [begin, end]: readonly [number, number],
  space: Float64Array,
  reversed = false,
): void {
  const count = Math.min(together, weights.length - first);
  const width = end - begin;
  if (from >= to || width <= 0) return;
  const at = (array: Float64Array, i: number): number => array.byteOffset + i * array.BYTES_PER_ELEMENT;
  const v = { at: at(vectors, first * row + begin), row };
  const rows = { at: at(x, from * row + begin), row };
  const [gram, t, along] = [0, 1, 2].map((i): Matrix => ({ at: at(space, i * together * together), row: together }));
  const turned = { at: at(space, together * (2 * together + roundUpToTile(to - from))), row: width };
  space.fill(0);
  algebra.multiplyAdd(gram, v, { ...v, transposed: true }, count, count, width);
  negatedT(space.subarray(together * together), space, weights.subarray(first, first + count));
  algebra.multiplyAdd(along, rows, { ...v, transposed: true }, to - from, count, width);
  algebra.multiplyAdd(turned, { ...t, transposed: reversed }, v, count, width, count);
  algebra.multiplyAdd(rows, along, turned, to - from, width, count);
}

/** -T, from the products of the vectors and their weights. */
function negatedT(t: Float64Array, gram: Float64Array, weights: Float64Array): void {
  weights.forEach((weight, j) => {
    t[j * together + j] = -weight;
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let l = i; l < j; l++) sum += t[i * together + l] * gram[l * together + j];
      t[i * together + j] = -weight * sum;
    }
  });
}
