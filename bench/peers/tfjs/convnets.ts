import * as tf from '@tensorflow/tfjs';
import { conv2d } from './conv2d.ts';
import { type Batch, crossEntropy, linear } from './layers.ts';
import type { Tensors } from './tensors.ts';

/** The loss of the LeNet-like network; images are [N, 28, 28, 1]. */
export function lenet(w: Tensors, { x, targets }: Batch): tf.Scalar {
  const conv = (name: string, h: tf.Tensor, padding: number): tf.Tensor =>
    conv2d(h, w[`${name}.weight`], 1, padding).add(w[`${name}.bias`]).relu();
  let h = maxPool(conv('conv1', x, 2));
  h = maxPool(conv('conv2', h, 0));
  h = linear(w, 'fc1', h.reshape([h.shape[0], -1])).relu();
  h = linear(w, 'fc2', h).relu();
  return crossEntropy(linear(w, 'fc3', h), targets);
}

/** The loss of the ResNet of 8 layers; images are [N, 32, 32, 3]. */
export function resnet8(w: Tensors, { x, targets }: Batch): tf.Scalar {
  const norm = (name: string, h: tf.Tensor): tf.Tensor => batchNorm(h, w[`${name}.scale`], w[`${name}.shift`]);
  let h = norm('stem.norm', conv2d(x, w['stem.conv.weight'], 1, 1)).relu();
  for (const k of [1, 2, 3]) {
    const stride = k === 1 ? 1 : 2;
    const inside = norm(`block${k}.norm1`, conv2d(h, w[`block${k}.conv1.weight`], stride, 1)).relu();
    const branch = norm(`block${k}.norm2`, conv2d(inside, w[`block${k}.conv2.weight`], 1, 1));
    const shortcut = k === 1 ? h : norm(`block${k}.normp`, conv2d(h, w[`block${k}.project.weight`], stride, 0));
    h = branch.add(shortcut).relu();
  }
  return crossEntropy(linear(w, 'fc', h.mean([1, 2])), targets);
}

/** 2x2 windows, stride 2. */
function maxPool(x: tf.Tensor): tf.Tensor {
  return tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid');
}

/** Normalizes [N, H, W, C] over all but the channels. */
function batchNorm(x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(
    x as tf.Tensor4D,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    shift as tf.Tensor1D,
    scale as tf.Tensor1D,
    1e-5,
  );
}
