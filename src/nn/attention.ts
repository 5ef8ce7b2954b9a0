import { causalWeights, headsOf, joinHeads } from '../tensor/attention.ts';
import { TensorError } from '../tensor/error.ts';
import { apply } from '../tensor/tensor.ts';
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

/**
 * Multi-head causal self-attention: [N, T, width] -> the same. Head j owns features [j d, (j + 1) d) of queries, keys and values, d = width / heads.
 * Parameters: `qkv.weight` [3 width, width] (queries, keys, values, in this order), `qkv.bias`, `out.weight` [width, width], `out.bias`.
 * Vaswani et al. 2017, arXiv:1706.03762, section 3.2.
 */
export function causalSelfAttention(width: number, heads: number, options: AttentionOptions = {}): Model {
  if (!Number.isInteger(width / heads)) {
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
    const qkv = layers.qkv(x);
    if (rate === 0) return layers.out(apply('causalAttention', [qkv], { heads }));
    const [q, k, v] = headsOf(qkv, 3, heads);
    return layers.out(joinHeads([layers.weights(causalWeights(q, k)).matmul(v)]));
  });
}
