import { nn } from '@jax-js/jax';
import type { Workload } from '../peer.ts';
import { tensor } from './arrays.ts';
import { lenet, resnet8 } from './convnets.ts';
import type { Batch, Loss } from './layers.ts';
import { mlp } from './mlp.ts';
import { gpt, lstm } from './sequences.ts';

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
  const targets = nn.oneHot(tensor(workload, 'labels'), classes);
  if ('x' in tensors) return { x: tensor(workload, 'x'), targets };
  const table = tensors['embedding.weight'] ?? tensors['tokens.weight'];
  return { x: nn.oneHot(tensor(workload, 'tokens'), table.shape[0]), targets };
}
