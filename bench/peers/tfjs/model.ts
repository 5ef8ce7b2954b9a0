import * as tf from '@tensorflow/tfjs';
import type { Workload } from '../peer.ts';
import { lenet, resnet8 } from './convnets.ts';
import { type Batch, type Loss, mlp } from './layers.ts';
import { gpt, lstm } from './sequences.ts';
import { tensor } from './tensors.ts';

/** The loss of each kind of workload that has a model. */
export const losses: Readonly<Record<string, (numbers: Workload['numbers']) => Loss>> = {
  mlp: () => mlp,
  lenet: () => lenet,
  resnet8: () => resnet8,
  lstm: () => lstm,
  gpt: ({ heads }) => gpt(heads),
};

/** The inputs of a model and its labels, one-hot over as many classes as the last layer's bias has. */
export function batchOf(workload: Workload): Batch {
  const { tensors } = workload;
  const biases = Object.keys(tensors).filter((name) => /^(head|fc\d*)\.bias$/.test(name));
  const classes = tensors[biases.sort()[biases.length - 1]].shape[0];
  const oneHot = (name: string, depth: number): tf.Tensor =>
    tf.tidy(() => tf.oneHot(tensor(workload, name), depth).toFloat());
  const targets = oneHot('labels', classes);
  if ('tokens' in tensors) {
    const table = tensors['embedding.weight'] ?? tensors['tokens.weight'];
    return { x: oneHot('tokens', table.shape[0]), targets };
  }
  const isImage = tensors.x.shape.length === 4;
  return {
    x: tf.tidy(() => (isImage ? tensor(workload, 'x').transpose([0, 2, 3, 1]) : tensor(workload, 'x'))),
    targets,
  };
}
