import type { OpAttrs } from '../../tensor/attrs.ts';
import { type Shape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Make, type Rules, reshape } from './rule.ts';

// Rows of a table (an embedding) that are read more than once are multiplied once: products are taken of the table, and sums over equal
// indices before products. What only moves whole rows moves indices.

/** Rows of a table [rows, ...] at indices of any shape. */
interface Rows {
  readonly table: Tensor;
  readonly indices: Tensor;
}

const rowsOf = (x: Tensor): Rows | null =>
  x.is('gather') && x.attrs.axis === 0 && x.inputs[0].rank > 1 ? { table: x.inputs[0], indices: x.inputs[1] } : null;

/** Is the table so small that all its rows are less work than those that are read? */
const isSmall = (size: number, indices: Tensor): boolean => 2 * size <= indices.size;

/** What a permutation does to its first axes, when the others stay in place; else null. */
function ofFirst(permutation: readonly number[], count: number): readonly number[] | null {
  const stays = permutation.every((axis, i) => i < count || axis === i);
  return stays ? permutation.slice(0, count) : null;
}

const inverse = (permutation: readonly number[]): number[] => permutation.map((_, axis) => permutation.indexOf(axis));

/** Does a shape end with these axes? */
const endsWith = (shape: Shape, row: Shape): boolean =>
  shape.length >= row.length && sameShape(shape.slice(shape.length - row.length), row);

/** The factor that takes the place of `x`, whose rows are summed over, where `other` reads a table: sums over equal indices. */
function gathered(x: Tensor, other: Tensor, make: Make): { sums: Tensor; table: Tensor } | null {
  const rows = rowsOf(other);
  if (rows?.indices.rank !== 1 || rows.table.rank !== 2 || !isSmall(rows.table.shape[0], rows.indices)) return null;
  return { sums: make('scatterAdd', [rows.indices, x], { axis: 0, size: rows.table.shape[0] }), table: rows.table };
}

function product(a: Tensor, b: Tensor, attrs: OpAttrs['matmul'], make: Make): Tensor | null {
  if (a.rank !== 2 || b.rank !== 2) return null;
  const { transposeA, transposeB } = attrs;
  const rows = rowsOf(a);
  if (!transposeA) {
    if (rows?.table.rank !== 2 || !isSmall(rows.table.shape[0], rows.indices)) return null;
    return make('gather', [make('matmul', [rows.table, b], attrs), rows.indices], { axis: 0 });
  }
  if (transposeB) return null;
  const right = gathered(a, b, make);
  if (right) return make('matmul', [right.sums, right.table], attrs);
  const left = gathered(b, a, make);
  return left && make('matmul', [left.table, left.sums], attrs);
}

/** The same row added to all rows that are read is added to the table. */
function sum(x: Tensor, row: Tensor, make: Make): Tensor | null {
  const rows = rowsOf(x);
  if (!rows || row.rank === 0 || row.rank >= rows.table.rank || !endsWith(rows.table.shape, row.shape)) return null;
  if (!isSmall(rows.table.shape[0], rows.indices)) return null;
  return make('gather', [make('add', [rows.table, row], {}), rows.indices], { axis: 0 });
}

export const tables: Rules = {
  add: ({ inputs: [a, b] }, make) => sum(a, b, make) ?? sum(b, a, make),
  transpose: ({ inputs: [x], attrs: { permutation } }, make) => {
    const rows = rowsOf(x);
    const ofIndices = rows && ofFirst(permutation, rows.indices.rank);
    if (!ofIndices) return null;
    return make('gather', [rows.table, make('transpose', [rows.indices], { permutation: ofIndices })], { axis: 0 });
  },
  reshape: ({ inputs: [x], shape }, make) => {
    const rows = rowsOf(x);
    if (!rows) return null;
    const row = rows.table.shape.slice(1);
    if (!endsWith(shape, row)) return null;
    const indices = reshape(make, rows.indices, shape.slice(0, shape.length - row.length));
    return make('gather', [rows.table, indices], { axis: 0 });
  },
  scatterAdd: ({ inputs: [indices, updates], attrs, shape }, make) => {
    if (attrs.axis !== 0 || shape.length < 2) return null;
    const row = shape.slice(1);
    if (updates.is('transpose')) {
      const back = ofFirst(inverse(updates.attrs.permutation), indices.rank);
      if (!back) return null;
      return make('scatterAdd', [make('transpose', [indices], { permutation: back }), updates.inputs[0]], attrs);
    }
    if (updates.is('reshape')) {
      const [x] = updates.inputs;
      if (!endsWith(x.shape, row)) return null;
      const moved = reshape(make, indices, x.shape.slice(0, x.rank - row.length));
      return make('scatterAdd', [moved, x], attrs);
    }
    if (!updates.is('matmul') || updates.rank !== 2 || updates.attrs.transposeA) return null;
    if (!isSmall(attrs.size, indices)) return null;
    const [x, weights] = updates.inputs;
    return make('matmul', [make('scatterAdd', [indices, x], attrs), weights], updates.attrs);
  },
  matmul: ({ inputs: [a, b], attrs }, make) => product(a, b, attrs, make),
};
