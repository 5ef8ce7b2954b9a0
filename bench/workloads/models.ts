import { alike, classified, dense, integers, kernel, layers, norm, type Tensors, uniform } from './tensors.ts';

// The tensors of every kind in spec.ts that has a model.

export const mlpTensors = (sizes: readonly number[], batch: number): Tensors => ({
  ...classified(batch, [sizes[0]], sizes[sizes.length - 1]),
  ...layers(sizes),
});

export const hvpTensors = (sizes: readonly number[], batch: number): Tensors => ({
  ...mlpTensors(sizes, batch),
  ...alike(layers(sizes), 'v.', -0.1, 0.1),
});

export const lenetTensors = (batch: number): Tensors => ({
  ...classified(batch, [1, 28, 28], 10),
  ...kernel('conv1', 6, 1, 5),
  'conv1.bias': uniform([6], -0.1, 0.1),
  ...kernel('conv2', 16, 6, 5),
  'conv2.bias': uniform([16], -0.1, 0.1),
  ...layers([400, 120, 84, 10]),
});

export const resnet8Tensors = (batch: number): Tensors => ({
  ...classified(batch, [3, 32, 32], 10),
  ...kernel('stem.conv', 16, 3, 3),
  ...norm('stem.norm', 16),
  ...residual('block1', 16, 16),
  ...residual('block2', 16, 32),
  ...residual('block3', 32, 64),
  ...dense('fc', 10, 64),
});

const residual = (name: string, inputs: number, outputs: number): Tensors => ({
  ...kernel(`${name}.conv1`, outputs, inputs, 3),
  ...norm(`${name}.norm1`, outputs),
  ...kernel(`${name}.conv2`, outputs, outputs, 3),
  ...norm(`${name}.norm2`, outputs),
  ...(inputs !== outputs && { ...kernel(`${name}.project`, outputs, inputs, 1), ...norm(`${name}.normp`, outputs) }),
});

export interface Text {
  readonly vocabulary: number;
  readonly steps: number;
  readonly batch: number;
}

const text = ({ vocabulary, steps, batch }: Text): Tensors => ({
  tokens: integers([batch, steps], vocabulary),
  labels: integers([batch, steps], vocabulary),
});

export const lstmTensors = (about: Text, width: number, hidden: number): Tensors => {
  const bound = 1 / Math.sqrt(hidden);
  return {
    ...text(about),
    'embedding.weight': uniform([about.vocabulary, width], -1, 1),
    'lstm.weightInput': uniform([4 * hidden, width], -bound, bound),
    'lstm.weightHidden': uniform([4 * hidden, hidden], -bound, bound),
    'lstm.bias': uniform([4 * hidden], -bound, bound),
    ...dense('head', about.vocabulary, hidden),
  };
};

export const gptTensors = (about: Text, width: number, depth: number): Tensors => ({
  ...text(about),
  'tokens.weight': uniform([about.vocabulary, width], -0.5, 0.5),
  positions: uniform([about.steps, width], -0.5, 0.5),
  ...Object.assign({}, ...Array.from({ length: depth }, (_, i) => block(`block${i}`, width))),
  ...norm('norm', width),
  ...dense('head', about.vocabulary, width),
});

const block = (name: string, width: number): Tensors => ({
  ...norm(`${name}.norm1`, width),
  ...dense(`${name}.qkv`, 3 * width, width),
  ...dense(`${name}.out`, width, width),
  ...norm(`${name}.norm2`, width),
  ...dense(`${name}.up`, 4 * width, width),
  ...dense(`${name}.down`, width, 4 * width),
});
