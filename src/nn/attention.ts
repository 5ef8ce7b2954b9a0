import { TensorError } from '../tensor/error.ts';
import { arange, full, where } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { compose } from './compose.ts';
import { dense } from './dense.ts';
import { dropoutLayer } from './dropout.ts';
import { type InitRule, zeros } from './init.ts';
import type { Model } from './model.ts';

export interface AttentionOptions {
  /** Rate at which attention weights are dropped. Default 0. */
  dropout?: number;
  /** Of both matrices; biases then begin at 0. Default `torchUniform` for matrices and biases. */
  init?: InitRule;
  /** Of the matrices that write to the residual stream. Default `init`. */
  residualInit?: InitRule;
}

/** Stands for minus infinity: its exponential is 0 in float32, and its differences stay finite. */
const masked = -1e9;

/**
 * softmax(q·kᵀ / sqrt(d)) over the keys at or before each query: q, k [..., T, d] -> weights [..., T, T].
 * Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
 */
export function causalWeights(q: Tensor, k: Tensor): Tensor {
  const [steps, width] = q.shape.slice(-2);
  const scores = q.matmul(k, { transposeB: true }).mul(1 / Math.sqrt(width));
  const past = arange(steps).reshape([steps, 1]).ge(arange(steps));
  // Added, not chosen: the derivative of a sum needs no mask of its own, for that of softmax is 0 where the weight is.
  return scores.add(where(past, 0, full([], masked, scores.dtype))).softmax();
}

/**
 * Multi-head causal self-attention: [N, T, width] -> the same. Head j owns features [j d, (j + 1) d) of queries, keys and values, d = width / heads.
 * Parameters: `qkv.weight` [3 width, width] (queries, keys, values, in this order), `qkv.bias`, `out.weight` [width, width], `out.bias`.
 * Vaswani et al. 2017, arXiv:1706.03762, section 3.2.
 */
export function causalSelfAttention(width: number, heads: number, options: AttentionOptions = {}): Model {
  const size = width / heads;
  if (!Number.isInteger(size)) {
    throw new TensorError('causalSelfAttention', `width ${width} does not part into ${heads} heads`);
  }
  const { init, residualInit = init, dropout: rate = 0 } = options;
  const matrix = (rule: InitRule | undefined) => rule && { init: rule, biasInit: zeros };
  const parts = {
    qkv: dense(width, 3 * width, matrix(init)),
    weights: dropoutLayer(rate),
    out: dense(width, width, matrix(residualInit)),
  };
  return compose(parts, (layers, x) => {
    const [n, steps] = x.shape;
    const [q, k, v] = layers
      .qkv(x)
      .reshape([n, steps, 3, heads, size])
      .transpose([2, 0, 3, 1, 4])
      .split(3, 0)
      .map((part) => part.reshape([n, heads, steps, size]));
    const mixed = layers.weights(causalWeights(q, k)).matmul(v);
    return layers.out(mixed.transpose([0, 2, 1, 3]).reshape([n, steps, width]));
  });
}
