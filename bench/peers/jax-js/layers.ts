import { jit, nn, numpy as np } from '@jax-js/jax';
import type { Arrays, JaxArray } from './arrays.ts';

/** What a model is called with beside its parameters. */
export type Batch = {
  /** Features, images [N, C, H, W], or tokens, one-hot. */
  x: JaxArray;
  /** The labels, one-hot. */
  targets: JaxArray;
};

/** A model's loss; like every function of this library it consumes its arguments. */
export type Loss = (w: Arrays, batch: Batch) => JaxArray;

/** Jitted by itself, as `product` is: derivatives of the whole then compile to faster kernels (the MLP's gradient 1.4x, H v 2x). */
export const relu = jit((x: JaxArray): JaxArray => nn.relu(x));

/** x W' for a weight [out, in]. */
export const product = jit((x: JaxArray, weight: JaxArray): JaxArray => np.matmul(x, weight.transpose()));

/** x W' + b for a weight [out, in]. */
export function linear(w: Arrays, name: string, x: JaxArray): JaxArray {
  return product(x, w[`${name}.weight`]).add(w[`${name}.bias`]);
}

/** Mean cross-entropy of logits [..., classes] against one-hot targets of that shape. */
export function crossEntropy(logits: JaxArray, targets: JaxArray): JaxArray {
  const examples = targets.size / targets.shape[targets.ndim - 1];
  return nn
    .logSoftmax(logits)
    .mul(targets)
    .sum()
    .mul(-1 / examples);
}
