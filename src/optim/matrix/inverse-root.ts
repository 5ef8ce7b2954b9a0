import { eigh, where } from '../../tensor/functions.ts';
import type { Operand, Tensor } from '../../tensor/tensor.ts';

/**
 * (A + eps I)^(-exponent) of a symmetric matrix [n, n] by its eigendecomposition. A negative smallest eigenvalue, which only rounding makes,
 * is shifted to 0 first (Shi et al. 2023, arXiv:2309.06497, section 3.2). With eps 0 an eigenvalue of 0 stays 0: the pseudo-inverse.
 */
export function inverseRoot(A: Tensor, exponent: Operand, eps: Operand): Tensor {
  const { values, vectors } = eigh(A);
  const shifted = values.sub(values.min().minimum(0)).add(eps);
  const roots = where(shifted.gt(0), shifted.pow(exponent).reciprocal(), 0);
  return vectors.mul(roots).matmul(vectors, { transposeB: true });
}
