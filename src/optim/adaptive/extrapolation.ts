import { arange, concat, eye, stack, where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** z of A z = b for a small symmetric positive definite A, [n, n]: Gauss-Jordan elimination, which needs no pivots there. */
function solve(A: Tensor, b: Tensor): Tensor {
  const n = b.size;
  let system = concat([A, b.reshape([n, 1])], 1);
  for (let k = 0; k < n; k++) {
    const row = system.sliceAxis(0, k, k + 1);
    const pivot = row.div(row.sliceAxis(1, k, k + 1));
    const isRow = arange(n).eq(k).reshape([n, 1]);
    system = where(isRow, pivot.broadcastTo(system.shape), system.sub(system.sliceAxis(1, k, k + 1).mul(pivot)));
  }
  return system.sliceAxis(1, n, n + 1).reshape([n]);
}

/**
 * Weights of regularised minimal polynomial extrapolation for a sequence x_0, ..., x_r (each [d], oldest first) whose last `known` differences
 * count: with U the columns x_j - x_{j-1}, solves (U'U + lambda I) z = 1 and gives c = z / (1'z), one weight for each difference, float64.
 * lambda is relative, `regularization` times the mean square of the columns, so that c does not depend on the scale of x. Equal x (U = 0)
 * get equal weights; so do no known differences, where c means nothing.
 */
export function extrapolationWeights(x: readonly Tensor[], regularization: Tensor, known: Tensor): Tensor {
  const r = x.length - 1;
  const U = stack(x.slice(1).map((later, j) => later.sub(x[j]).cast('float64')));
  const counts = arange(r, 'float64').ge(known.neg().add(r)).cast('float64');
  const gram = U.matmul(U, { transposeB: true })
    .mul(counts)
    .mul(counts.reshape([r, 1]));
  const identity = eye(r, 'float64');
  const mean = gram.mul(identity).sum().div(known);
  const scaled = where(mean.gt(0), gram.div(mean), 0);
  const b = where(known.lt(1), 1, counts);
  const z = solve(scaled.add(identity.mul(regularization)), b);
  return z.div(z.sum());
}
