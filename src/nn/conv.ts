import { type ConvOptions, conv2d } from '../tensor/functions.ts';
import { type InitRule, torchUniform } from './init.ts';
import type { Model } from './model.ts';

export interface ConvLayerOptions extends ConvOptions {
  /** Default true. */
  bias?: boolean;
  /** Of the kernel. Default `torchUniform`. */
  init?: InitRule;
  /** Default `torchUniform`. */
  biasInit?: InitRule;
}

/**
 * 2-d convolution (cross-correlation): [N, inputs, H, W] -> [N, outputs, H', W'].
 * Parameters: `weight` [outputs, inputs / groups, kh, kw], `bias` [outputs].
 */
export function conv(
  inputs: number,
  outputs: number,
  window: number | readonly [number, number],
  { bias = true, init = torchUniform, biasInit = torchUniform, ...geometry }: ConvLayerOptions = {},
): Model {
  const [height, width] = typeof window === 'number' ? [window, window] : window;
  const groups = geometry.groups ?? 1;
  const fans = { in: (inputs / groups) * height * width, out: (outputs / groups) * height * width };
  return {
    parameters: {
      weight: { shape: [outputs, inputs / groups, height, width], role: 'kernel', init: init(fans) },
      ...(bias && { bias: { shape: [outputs], role: 'bias', init: biasInit(fans) } }),
    },
    buffers: {},
    apply: (params, x) => {
      const y = conv2d(x, params.weight, geometry);
      return bias ? y.add(params.bias.reshape([outputs, 1, 1])) : y;
    },
  };
}
