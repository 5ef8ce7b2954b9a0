import { TensorError } from '../tensor/error.ts';
import { layerNorm } from '../tensor/functions.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ones, zeros } from './init.ts';
import type { Model, ParameterSpec } from './model.ts';

const anyFans = { in: 1, out: 1 };
const gainAndBias = (width: number): Record<'gain' | 'bias', ParameterSpec> => ({
  gain: { shape: [width], role: 'gain', init: ones(anyFans) },
  bias: { shape: [width], role: 'bias', init: zeros(anyFans) },
});

/**
 * Layer norm over the last axis: [..., width] -> the same. Parameters: `gain` [width], `bias` [width].
 * Ba, Kiros & Hinton 2016, arXiv:1607.06450, eq. 4.
 */
export function layerNormalization(width: number, { epsilon = 1e-5 } = {}): Model {
  return {
    parameters: gainAndBias(width),
    buffers: {},
    apply: ({ gain, bias }, x) => layerNorm(x, gain, bias, { epsilon }),
  };
}

export interface BatchNormalizationOptions {
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
  /** Weight of the new batch in the running statistics, in (0, 1]. Default 0.1. */
  momentum?: number;
}

/**
 * Batch norm of each channel: [N, channels] or [N, channels, H, W] -> the same. Training uses the mean and (biased) variance of
 * the batch and keeps running ones, the variance unbiased as in PyTorch; evaluation uses the running ones.
 * Parameters: `gain`, `bias`; buffers: `mean`, `variance`; all [channels].
 * Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithms 1 and 2. Examples of a batch depend on each other: per-example gradients do not exist.
 */
export function batchNormalization(
  channels: number,
  { epsilon = 1e-5, momentum = 0.1 }: BatchNormalizationOptions = {},
): Model {
  return {
    parameters: gainAndBias(channels),
    buffers: {
      mean: { shape: [channels], role: 'other', init: zeros(anyFans) },
      variance: { shape: [channels], role: 'other', init: ones(anyFans) },
    },
    apply: ({ gain, bias }, x, context) => {
      const { training, buffers } = context;
      if (x.rank < 2 || x.shape[1] !== channels) {
        throw new TensorError('batchNormalization', `takes [N, ${channels}, ...], not ${x}`);
      }
      const overPlaces = [...x.shape.keys()].filter((axis) => axis !== 1);
      const perChannel = [channels, ...x.shape.slice(2).map(() => 1)];
      const count = sizeOf(overPlaces.map((axis) => x.shape[axis]));
      let { mean, variance } = buffers;
      if (training) {
        if (count < 2) {
          throw new TensorError(
            'batchNormalization',
            `has one value for each channel of ${x}: no variance to train with`,
          );
        }
        mean = x.mean(overPlaces);
        variance = x.sub(mean.reshape(perChannel)).square().mean(overPlaces);
        const running = (old: Tensor, now: Tensor) => old.mul(1 - momentum).add(now.stopGradient().mul(momentum));
        context.setBuffer('mean', running(buffers.mean, mean));
        context.setBuffer('variance', running(buffers.variance, variance.mul(count / (count - 1))));
      }
      const scale = gain.div(variance.add(epsilon).sqrt());
      return x.sub(mean.reshape(perChannel)).mul(scale.reshape(perChannel)).add(bias.reshape(perChannel));
    },
  };
}
