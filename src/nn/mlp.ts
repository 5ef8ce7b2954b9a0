import { TensorError } from '../tensor/error.ts';
import { sequential } from './compose.ts';
import { type DenseOptions, dense } from './dense.ts';
import type { Model } from './model.ts';
import { type ActivationName, activation } from './stateless.ts';

export interface MlpOptions extends Pick<DenseOptions, 'bias' | 'init' | 'biasInit'> {
  /** Between the layers, not after the last. Default 'relu'. */
  activation?: ActivationName;
}

/**
 * A multi-layer perceptron: [..., sizes[0]] -> [..., sizes.at(-1)]. `mlp([784, 128, 10])` has the parameters `fc1.weight`, `fc1.bias`,
 * `fc2.weight`, `fc2.bias`; the last matrix has role 'head'.
 */
export function mlp(sizes: readonly number[], { activation: name = 'relu', ...options }: MlpOptions = {}): Model {
  if (sizes.length < 2) throw new TensorError('mlp', `takes the sizes of input and output at least, not [${sizes}]`);
  const layers = sizes.length - 1;
  const parts: Record<string, Model> = {};
  for (let layer = 1; layer <= layers; layer++) {
    const last = layer === layers;
    parts[`fc${layer}`] = dense(sizes[layer - 1], sizes[layer], { ...options, role: last ? 'head' : 'matrix' });
    if (!last) parts[`${name}${layer}`] = activation(name);
  }
  return sequential(parts);
}
