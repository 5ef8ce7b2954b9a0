import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';

// Tests of a batch by the spread of its per-example gradients: each gives the batch size that would pass. Byrd, Chin, Nocedal & Wu 2012 (norm);
// Bollapragada, Byrd & Nocedal 2018, arXiv:1710.11258 (inner product, orthogonality); Lau, Liu & Kolar 2024, arXiv:2402.11215.

/** Sample variance of each column, over the rows of [examples, ...], divided by examples - 1. */
export const sampleVariance = (rows: Tensor): Tensor =>
  rows
    .sub(rows.mean(0))
    .square()
    .sum(0)
    .div(rows.shape[0] - 1);

/** a / b in float64; 0 / 0 is 0: gradients that agree on being 0 ask for no larger batch. Others over 0 ask for the largest there is. */
export const demand = (a: Tensor, b: Tensor): Tensor => {
  const [over, under] = [a.cast('float64'), b.cast('float64')];
  const possible = under.gt(0);
  return where(possible, over.div(where(possible, under, 1)), where(over.gt(0), Number.MAX_VALUE, over.mul(0)));
};

/** Norm test: sum_j Var_i(g_ij) / (eta^2 |mean|^2), from the variances of all coordinates summed. */
export const normTest = (variance: Tensor, mean: Tensor, eta: Tensor): Tensor =>
  demand(variance, mean.square().sum().mul(eta.square()));

/** The norm test of every coordinate: max_j Var_i(g_ij) / (eta^2 mean_j^2). It explodes where a mean is nearly 0. */
export const coordinateTest = (variances: Tensor, mean: Tensor, eta: Tensor): Tensor =>
  demand(variances, mean.square().mul(eta.square())).max();

/** Inner-product test: Var_i(<g_i, mean>) / (theta^2 |mean|^4), for gradients [examples, parameters]. */
export const innerProductTest = (grads: Tensor, mean: Tensor, theta: Tensor): Tensor =>
  demand(sampleVariance(grads.mul(mean).sum(1)), mean.square().sum().cast('float64').mul(theta).square());

/** Orthogonality test: sum_j Var_i(o_ij) / (nu^2 |mean|^2), o_i being what of g_i is orthogonal to the mean. */
export function orthogonalityTest(grads: Tensor, mean: Tensor, nu: Tensor): Tensor {
  const squared = mean.square().sum();
  const along = grads.mul(mean).sum(1, { keepDims: true });
  const orthogonal = grads.sub(along.div(where(squared.gt(0), squared, 1)).mul(mean));
  return demand(sampleVariance(orthogonal).sum(), squared.mul(nu.square()));
}
