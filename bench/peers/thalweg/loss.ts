import { type Model, meanCrossEntropy, type Tensors } from '../../../src/nn/index.ts';
import { Layout } from '../../../src/tensor/bundle.ts';
import { parameter, zeros } from '../../../src/tensor/functions.ts';
import { RandomStreams } from '../../../src/tensor/random.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import type { Buffers } from '../../../src/train/buffers.ts';
import type { Workload, WorkloadTensor } from '../peer.ts';

const inputNames = ['x', 'tokens', 'labels'] as const;

/** Placeholders of the inputs of a workload, by name. */
export const inputsOf = ({ tensors }: Workload): Tensors =>
  Object.fromEntries(
    inputNames.flatMap((name) =>
      name in tensors ? [[name, parameter(name, tensors[name].shape, dtypeOf(tensors[name]))]] : [],
    ),
  );

const dtypeOf = ({ data }: WorkloadTensor) => (data instanceof Int32Array ? 'int32' : 'float32');

/** The mean cross-entropy of a model in training. */
export function lossOf(model: Model, params: Tensors, { labels, ...input }: Tensors): Tensor {
  const buffers = Object.fromEntries(Object.entries(model.buffers).map(([name, { shape }]) => [name, zeros(shape)]));
  const context = { training: true, random: new RandomStreams('bench'), buffers, setBuffer: () => {} };
  return meanCrossEntropy(model.apply(params, input.x ?? input.tokens, context), labels);
}

export const layoutOf = (model: Model): Layout =>
  new Layout(Object.entries(model.parameters).map(([name, { shape, role }]) => ({ name, shape, role })));

/** Copies the inputs of a workload to the buffers of their names. */
export function fillInputs(workload: Workload, buffers: Buffers): void {
  for (const name of inputNames) {
    const tensor = workload.tensors[name];
    if (tensor) buffers.get(name, tensor.shape, dtypeOf(tensor)).data.set(tensor.data);
  }
}

/** The numbers of a float32 result. */
export const floats = (buffers: Buffers, name: string): Float32Array => {
  const found = buffers.find(name);
  if (!found) throw new Error(`there is no '${name}'`);
  return found.data as Float32Array;
};
