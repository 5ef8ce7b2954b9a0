import { eigh } from '../../tensor/functions.ts';
import type { Operand, Tensor } from '../../tensor/tensor.ts';

/**
 * (A + eps I)^(-exponent) of a symmetric matrix [n, n] by its eigendecomposition. A negative smallest eigenvalue, which only rounding makes,
 * is shifted to 0 first (Shi et al. 2023, arXiv:2309.06497, section 3.2).
 */
export function inverseRoot(A: Tensor, exponent: Operand, eps: Operand): Tensor {
  const { values, vectors } = eigh(A);
  const shifted = values.sub(values.min().minimum(0)).add(eps);
  return vectors.mul(shifted.pow(exponent).reciprocal()).matmul(vectors, { transposeB: true });
}
