import type { Role } from '../tensor/bundle.ts';
import { TensorError } from '../tensor/error.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type InitRule, torchUniform } from './init.ts';
import type { Model } from './model.ts';

export interface DenseOptions {
  /** Default true. */
  bias?: boolean;
  /** 'head' marks the output matrix of a network, which matrix methods leave to their fallback. Default 'matrix'. */
  role?: Extract<Role, 'matrix' | 'head'>;
  /** Of the weight. Default `torchUniform`. */
  init?: InitRule;
  /** Default `torchUniform`. */
  biasInit?: InitRule;
}

/**
 * The affine map x·Wᵀ + b over the last axis: [..., inputs] -> [..., outputs].
 * Parameters: `weight` [outputs, inputs], `bias` [outputs].
 */
export function dense(
  inputs: number,
  outputs: number,
  { bias = true, role = 'matrix', init = torchUniform, biasInit = torchUniform }: DenseOptions = {},
): Model {
  const fans = { in: inputs, out: outputs };
  return {
    parameters: {
      weight: { shape: [outputs, inputs], role, init: init(fans) },
      ...(bias && { bias: { shape: [outputs], role: 'bias', init: biasInit(fans) } }),
    },
    buffers: {},
    apply: (params, x) => {
      if (x.shape.at(-1) !== inputs) throw new TensorError('dense', `takes [..., ${inputs}], not ${x}`);
      const affine = (rows: Tensor): Tensor => {
        const y = rows.matmul(params.weight, { transposeB: true });
        return bias ? y.add(params.bias) : y;
      };
      return overRows(x, affine, outputs);
    },
  };
}

/** One matrix product whatever the leading axes are, so that the gradient of the weight is one matrix product too. */
function overRows(x: Tensor, map: (rows: Tensor) => Tensor, outputs: number): Tensor {
  if (x.rank === 2) return map(x);
  const leading = x.shape.slice(0, -1);
  const rows = leading.reduce((product, n) => product * n, 1);
  return map(x.reshape([rows, x.shape[x.rank - 1]])).reshape([...leading, outputs]);
}
