import { TensorError } from '../tensor/error.ts';
import { constant, where } from '../tensor/functions.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { grad } from '../tensor/transforms.ts';

/**
 * Expected gradients: how much each feature of x moves an output away from its mean over references. Erion et al. 2021, arXiv:1906.10670, eq. 2.
 *
 *   phi_i(x) = E over x' and alpha ~ U(0, 1) of (x_i - x'_i) df/dx_i (x' + alpha (x - x'))
 *
 * `output` maps [M, ...features] to one number for each example, [M] (the logit of its true class, say), in which examples do not meet. x
 * [N, ...features], references [N, K, ...features], alphas [N, K] -> phi [N, ...features], the mean over K draws. In training draw K = 1
 * reference from the data and a uniform alpha for each example anew at each step; for a report take 100 to 200. With alphas on a grid and one
 * baseline these are integrated gradients. Completeness: the features of phi sum to f(x) - E f(x') in expectation. The result has derivatives in
 * the parameters (double back-propagation), so that a prior on it can join a loss.
 */
export function expectedGradients(
  output: (x: Tensor) => Tensor,
  x: Tensor,
  references: Tensor,
  alphas: Tensor,
): Tensor {
  const [n, ...features] = x.shape;
  const k = references.shape[1];
  if (!sameShape(references.shape, [n, k, ...features]) || !sameShape(alphas.shape, [n, k])) {
    const shapes = [x, references, alphas].map(({ shape }) => formatShape(shape)).join(', ');
    throw new TensorError(
      'expectedGradients',
      `takes x [N, ...], references [N, K, ...] and alphas [N, K], not ${shapes}`,
    );
  }
  const away = x.expandDims(1).sub(references);
  const along = references.add(away.mul(alphas.reshape([n, k, ...features.map(() => 1)])));
  const slopes = grad((points: Tensor) => output(points).sum())(along.reshape([n * k, ...features]));
  return away.mul(slopes.reshape([n, k, ...features])).mean(1);
}

/** Sum of absolute differences of neighbours down and across: attributions of pixels [..., H, W] -> [...]. The smoothness prior of Erion et al. */
export function totalVariation(phi: Tensor): Tensor {
  if (phi.rank < 2) throw new TensorError('totalVariation', `takes [..., H, W], not ${phi}`);
  const steps = (axis: -1 | -2): Tensor => {
    const size = phi.shape[phi.rank + axis];
    return phi
      .sliceAxis(axis, 1, size)
      .sub(phi.sliceAxis(axis, 0, size - 1))
      .abs()
      .sum([-2, -1]);
  };
  return steps(-2).add(steps(-1));
}

/** Two features that should matter alike, and how much they should. */
export type FeatureEdge = readonly [a: number, b: number, weight: number];

/** Sum over edges of weight (p_a - p_b)^2: mean attributions of features [F] -> scalar. The graph prior of Erion et al. */
export function graphPenalty(p: Tensor, edges: readonly FeatureEdge[]): Tensor {
  const end = (which: 0 | 1) =>
    p.gather(
      constant(
        edges.map((edge) => edge[which]),
        { dtype: 'int32' },
      ),
    );
  const weights = constant(
    edges.map(([, , weight]) => weight),
    { dtype: p.dtype },
  );
  return end(0).sub(end(1)).square().mul(weights).sum();
}

/**
 * Gini coefficient of numbers that are not negative: mean over pairs of |p_i - p_j| over twice the mean, 0 (all equal, or all 0) to 1 - 1 / F
 * (one alone): [F] -> scalar. The sparsity prior of Erion et al. is minus this of the mean absolute attributions.
 */
export function gini(p: Tensor): Tensor {
  if (p.rank !== 1) throw new TensorError('gini', `takes [features], not ${p}`);
  const twice = p.mean().mul(2);
  const none = twice.eq(0);
  const apart = p.expandDims(1).sub(p.expandDims(0)).abs().mean();
  return where(none, 0, apart.div(where(none, 1, twice)));
}
