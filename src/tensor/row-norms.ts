import type { Tensor } from './tensor.ts';

/**
 * Euclidean norm of each row of [rows, ...], all axes behind the first taken together, as [rows, 1, ..., 1]. A row is what one output of a
 * layer has: of a matrix [out, in], of a kernel [out, in, kh, kw]. A vector or a scalar is one row: its norm has its rank.
 */
export function rowNorms(x: Tensor): Tensor {
  const axes = [...x.shape.keys()].slice(x.rank < 2 ? 0 : 1);
  return x.square().sum(axes, { keepDims: true }).sqrt();
}

/**
 * Each row over its norm, which is floored at 1e-12, so that a row of zeros stays one. With `detachNorm` the norm counts as a constant in
 * derivatives; otherwise only what is orthogonal to a row passes back to it: dL/dx_i = (g_i - (g_i . y_i) y_i) / |x_i|.
 */
export function unitRows(x: Tensor, { detachNorm = false } = {}): Tensor {
  const norm = rowNorms(x).maximum(1e-12);
  return x.div(detachNorm ? norm.stopGradient() : norm);
}
