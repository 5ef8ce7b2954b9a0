import * as tf from '@tensorflow/tfjs';
import type { Workload } from '../peer.ts';

export type Tensors = { [name: string]: tf.Tensor };

const inputs = new Set(['x', 'labels', 'tokens']);

/** One tensor of the workload, as it is stored. */
export function tensor({ tensors }: Workload, name: string): tf.Tensor {
  const { shape, data } = tensors[name];
  return tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

/** The parameters of a model, laid out as this library has them. `prefix`: the directions of `hvp` are under `v.`. */
export function parameters(workload: Workload, prefix = ''): Tensors {
  const names = Object.keys(workload.tensors).filter((name) => !inputs.has(name) && !name.startsWith('v.'));
  return Object.fromEntries(names.map((name) => [name, tf.tidy(() => ours(name, tensor(workload, prefix + name)))]));
}

/** Matrices are [in, out], filters [height, width, in, out]; what is flattened of images is in H, W, C order. */
function ours(name: string, w: tf.Tensor): tf.Tensor {
  if (w.rank === 4) return w.transpose([2, 3, 1, 0]);
  const isMatrix = w.rank === 2 && !['embedding.weight', 'tokens.weight', 'positions'].includes(name);
  if (name === 'fc1.weight' && w.shape[1] === lenetFlat.reduce((a, b) => a * b)) {
    const [c, h, width] = lenetFlat;
    return w.reshape([-1, c, h, width]).transpose([2, 3, 1, 0]).reshape([-1, w.shape[0]]);
  }
  return isMatrix ? w.transpose() : w;
}

/** Channels, height and width of what the LeNet flattens. */
const lenetFlat = [16, 5, 5];

/** The sum of `x * y` over all their elements, added up in float64. */
export function inner(x: readonly tf.Tensor[], y: readonly tf.Tensor[]): number {
  let sum = 0;
  x.forEach((tensor, k) => {
    const [a, b] = [tensor.dataSync(), y[k].dataSync()];
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  });
  return sum;
}
