import type { Tensor } from '../../tensor/tensor.ts';

/** Coefficients of the quintic of Jordan et al. 2024: steep at 0, singular values end near 1 but not at it. */
const [a, b, c] = [3.4445, -4.775, 2.0315];

/**
 * Nearly the semi-orthogonal matrix U V' nearest to M = U S V', by Newton-Schulz iterations X <- a X + b (X X') X + c (X X')^2 X on
 * X = M / (|M|_F + eps). Jordan et al. 2024 (Muon). Singular values of X in [0.01, 1] come out of five iterations in [0.681, 1.135];
 * there is no convergence to 1. The reference code computes in bfloat16, we in the dtype of M. M is [rows, columns].
 */
export function newtonSchulz(M: Tensor, { steps = 5, eps = 1e-7 } = {}): Tensor {
  // Flat, so that the norm is taken along with what makes M, and not by ONNX Runtime in passes of its own.
  const flat = M.reshape([M.size]);
  return iterate(flat.div(flat.norm().add(eps)).reshape(M.shape), steps);
}

function iterate(start: Tensor, steps: number): Tensor {
  const [rows, columns] = start.shape;
  if (rows > columns) return iterate(start.transpose(), steps).transpose();
  let X = start;
  for (let i = 0; i < steps; i++) {
    const A = X.matmul(X, { transposeB: true });
    const B = A.mul(b).add(A.matmul(A).mul(c));
    X = X.mul(a).add(B.matmul(X));
  }
  return X;
}
