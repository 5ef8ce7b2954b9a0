import { eigh, where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * U V' of M = U S V' over its non-zero singular values: where M has full rank, the nearest semi-orthogonal matrix. M is [rows, columns].
 *
 * (M M')^(-1/2) M by an eigendecomposition in float64, then one cubic Newton-Schulz step X <- (3 X - X X' X) / 2, which heals what squaring
 * the singular values has cost. Those below 3e-7 of the largest count as zero: in float32 they are noise.
 */
export function polar(M: Tensor): Tensor {
  const [rows, columns] = M.shape;
  if (rows > columns) return polar(M.transpose()).transpose();
  const exact = M.cast('float64');
  const { values, vectors } = eigh(exact.matmul(exact, { transposeB: true }));
  const kept = values.gt(values.max().mul(1e-13));
  const roots = where(kept, where(kept, values, 1).sqrt().reciprocal(), 0);
  const X = vectors.mul(roots).matmul(vectors, { transposeB: true }).matmul(exact);
  const healed = X.mul(1.5).sub(X.matmul(X, { transposeB: true }).matmul(X).mul(0.5));
  return healed.cast(M.dtype);
}
