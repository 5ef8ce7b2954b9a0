import { arange, concat, where } from './functions.ts';
import { scalar, type Tensor } from './tensor.ts';

/** 1 where the row and column of a place in an n by n matrix satisfy a condition, 0 elsewhere. */
const mask = ({ shape, rank, dtype }: Tensor, holds: (row: Tensor, column: Tensor) => Tensor): Tensor => {
  const n = shape[rank - 1];
  return holds(arange(n).reshape([n, 1]), arange(n)).cast(dtype);
};

/** The upper triangle of square matrices [..., n, n], zeros below the diagonal. */
export const upper = (x: Tensor): Tensor => x.mul(mask(x, (row, column) => row.le(column)));

/** The triangle strictly below the diagonal of square matrices [..., n, n], zeros elsewhere. */
export const strictlyLower = (x: Tensor): Tensor => x.mul(mask(x, (row, column) => row.gt(column)));

/**
 * The inverse of upper triangular matrices [..., n, n]; what lies below the diagonal is not read. Blocks on the diagonal double in size:
 * with those of size s inverted, [[A, B], [0, C]]^-1 = [[A^-1, -A^-1 B C^-1], [0, C^-1]] gives those of size 2 s, all at once, so that
 * 2 log2(n) products of whole matrices suffice. A zero on the diagonal has 0 for its inverse, so all stays finite.
 */
export function inverseUpper(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1];
  const entries = x.mul(mask(x, (row, column) => row.eq(column)));
  let inverse = scalar(1, x.dtype).div(where(entries.eq(0), Number.POSITIVE_INFINITY, entries));
  for (let size = 1; size < n; size *= 2) {
    const block = (index: Tensor): Tensor => index.cast('float64').div(size).floor();
    // Block row i = 2 k and block column 2 k + 1: the upper right corner of a block of twice the size.
    const corner = mask(x, (row, column) => {
      const [i, j] = [block(row), block(column)];
      return j.eq(i.add(1)).and(i.eq(i.div(2).floor().mul(2)));
    });
    inverse = inverse.sub(inverse.matmul(x.mul(corner)).matmul(inverse));
  }
  return inverse;
}

/** Sides up to this are inverted whole. */
const blockSize = 64;

/**
 * U'^-1 x for an upper triangular U [n, n] and x [n, k], by forward substitution over blocks of rows: the diagonal blocks are inverted, the
 * rest is products with x, so a long side costs n^2 k and not n^3. What lies below the diagonal is not read.
 */
export function solveTransposed(U: Tensor, x: Tensor): Tensor {
  const [n] = U.shape;
  const done: Tensor[] = [];
  for (let start = 0; start < n; start += blockSize) {
    const end = Math.min(n, start + blockSize);
    let rest = x.sliceAxis(0, start, end);
    if (start > 0) {
      const above = U.slice([0, start], [start, end]);
      rest = rest.sub(above.matmul(concat([...done]), { transposeA: true }));
    }
    const diagonal = inverseUpper(U.slice([start, start], [end, end]));
    done.push(diagonal.matmul(rest, { transposeA: true }));
  }
  return concat(done);
}
