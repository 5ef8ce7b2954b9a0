import type { CompositeName, ComputeName, ConvGeometry, PoolGeometry } from '../tensor/attrs.ts';
import { constant, crossEntropy, eigh, layerNorm, orthonormalize } from '../tensor/functions.ts';
import { infer } from '../tensor/infer.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { distinct } from './draw.ts';
import type { CaseInput, OpCase } from './op-case.ts';

type Cases<K extends ComputeName> = { readonly [P in K]: readonly OpCase[] };

const product = (a: Shape, b: Shape, transposeA = false, transposeB = false): OpCase => ({
  name: `[${a}]${transposeA ? "'" : ''} by [${b}]${transposeB ? "'" : ''}`,
  inputs: [{ shape: a }, { shape: b }],
  build: (x, y) => x.matmul(y, { transposeA, transposeB }),
});

/** A symmetric matrix, its eigenvalues kept apart so that eigenvectors have derivatives. */
function symmetric(x: Tensor): Tensor {
  const n = x.shape[x.rank - 1];
  const swapped = [...x.shape.keys()].map((axis) => (axis < x.rank - 2 ? axis : 2 * x.rank - 3 - axis));
  const apart = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 3 + (4 * i) / (n + 1) : 0));
  return x
    .add(x.transpose(swapped))
    .mul(0.5)
    .add(constant(apart, { shape: [n, n], dtype: x.dtype }));
}

/** Functions of eigenvectors that do not depend on their signs. */
const eigenCase = (name: string, input: CaseInput, of: (values: Tensor, vectors: Tensor) => Tensor): OpCase => ({
  name,
  inputs: [{ domain: [-1, 1], ...input }],
  build: (x) => {
    const { values, vectors } = eigh(symmetric(x));
    return of(values, vectors);
  },
});

const inverseRoot = (values: Tensor, vectors: Tensor): Tensor =>
  vectors.mul(values.pow(-0.5).expandDims(-2)).matmul(vectors, { transposeB: true });

const qrCase = (name: string, input: CaseInput): OpCase => ({
  name,
  inputs: [{ domain: [-1, 1], ...input }],
  // Far from dependent columns, where the basis and its derivatives would jump.
  build: (x) => {
    const [m, n] = x.shape.slice(-2);
    const apart = Array.from({ length: m * n }, (_, i) => (Math.floor(i / n) === i % n ? 3 : 0));
    return orthonormalize(x.add(constant(apart, { shape: [m, n], dtype: x.dtype })));
  },
});

export const linalgCases: Cases<'matmul' | 'eigh' | 'qr'> = {
  matmul: [
    product([5, 7], [7, 3]),
    product([7, 5], [7, 3], true),
    product([5, 7], [3, 7], false, true),
    product([7, 5], [3, 7], true, true),
    product([1, 7], [7, 1]),
    product([6, 1], [1, 4]),
    product([2, 5, 7], [2, 7, 3]),
    product([2, 7, 5], [2, 7, 3], true),
    product([2, 5, 7], [7, 3]),
    product([5, 7], [2, 7, 3]),
    product([2, 5, 7], [3, 7], false, true),
    product([2, 3, 4, 5], [3, 5, 2]),
    product([2, 1, 4, 5], [1, 3, 2, 5], false, true),
    product([2, 1, 5, 4], [3, 2, 5], true, true),
    product([4, 1, 5], [4, 1, 3], true),
    product([4, 5, 1], [2, 1, 3, 1], false, true),
    product([3, 1, 5], [4, 5], false, true),
    product([33, 65], [65, 17]),
    product([64, 32], [32, 64]),
    {
      name: 'one tensor twice',
      inputs: [{ shape: [4, 6] }],
      build: (x) => x.matmul(x, { transposeB: true }),
    },
    {
      name: 'float64',
      inputs: [
        { shape: [3, 4], dtype: 'float64' },
        { shape: [4, 2], dtype: 'float64' },
      ],
      build: (x, y) => x.matmul(y),
    },
  ],
  eigh: [
    eigenCase('values', { shape: [5, 5] }, (values) => values),
    eigenCase('squared vectors', { shape: [4, 4] }, (_, vectors) => vectors.square()),
    eigenCase('inverse root', { shape: [6, 6] }, inverseRoot),
    eigenCase('a batch', { shape: [2, 3, 3] }, inverseRoot),
    eigenCase('1 by 1', { shape: [1, 1] }, inverseRoot),
    eigenCase('17 by 17', { shape: [17, 17] }, inverseRoot),
    {
      name: 'equal eigenvalues',
      inputs: [{ shape: [3, 3], values: [2, 0, 0, 0, 2, 0, 0, 0, 2] }],
      build: (x) => {
        const { values, vectors } = eigh(x);
        return inverseRoot(values, vectors);
      },
      differentiable: false,
    },
  ],
  qr: [
    qrCase('square', { shape: [5, 5] }),
    qrCase('tall', { shape: [7, 3] }),
    qrCase('a batch', { shape: [2, 4, 3] }),
    qrCase('1 by 1', { shape: [1, 1] }),
    qrCase('17 by 17', { shape: [17, 17] }),
    qrCase('float64', { shape: [4, 4], dtype: 'float64' }),
    {
      name: 'zeros',
      inputs: [{ shape: [3, 3], values: [0, 0, 0, 0, 0, 0, 0, 0, 0] }],
      build: (x) => orthonormalize(x),
      differentiable: false,
    },
  ],
};

interface ConvCase extends Partial<ConvGeometry> {
  name: string;
  x: Shape;
  kernel: Shape;
}

const convolutions: readonly ConvCase[] = [
  { name: 'plain', x: [2, 3, 7, 6], kernel: [4, 3, 3, 3] },
  { name: 'padded', x: [2, 3, 5, 6], kernel: [4, 3, 3, 3], padding: [[1, 1], [1, 1]] },
  { name: 'asymmetric padding', x: [1, 2, 5, 4], kernel: [3, 2, 3, 2], padding: [[1, 0], [0, 2]] },
  { name: 'stride 2, padded', x: [2, 3, 8, 7], kernel: [4, 3, 3, 3], stride: [2, 2], padding: [[0, 1], [1, 1]] },
  { name: 'a stride that leaves a remainder', x: [1, 2, 8, 9], kernel: [3, 2, 3, 2], stride: [2, 3] },
  { name: 'a stride longer than the kernel', x: [1, 2, 7, 7], kernel: [2, 2, 2, 1], stride: [3, 2] },
  { name: 'dilation', x: [2, 2, 9, 7], kernel: [3, 2, 3, 2], dilation: [2, 3], padding: [[1, 2], [0, 1]] },
  { name: 'dilation and stride', x: [1, 2, 10, 9], kernel: [2, 2, 2, 3], dilation: [3, 2], stride: [2, 2] },
  { name: 'groups', x: [2, 4, 5, 5], kernel: [6, 2, 3, 3], groups: 2, padding: [[1, 1], [1, 1]] },
  { name: 'depthwise, stride 2', x: [2, 3, 6, 6], kernel: [3, 1, 3, 3], groups: 3, stride: [2, 2] },
  { name: 'depthwise with a multiplier', x: [1, 2, 5, 4], kernel: [4, 1, 2, 2], groups: 2 },
  { name: '1 by 1', x: [2, 5, 4, 3], kernel: [3, 5, 1, 1] },
  { name: '1 by 1, stride 2', x: [2, 3, 5, 6], kernel: [4, 3, 1, 1], stride: [2, 2] },
  { name: 'as large as the image', x: [2, 3, 4, 5], kernel: [3, 3, 4, 5] },
  { name: 'one row', x: [3, 2, 1, 11], kernel: [4, 2, 1, 3], padding: [[0, 0], [1, 1]] },
  { name: 'larger', x: [2, 4, 14, 14], kernel: [8, 4, 5, 5], padding: [[2, 2], [2, 2]] },
  { name: 'blocks of channels', x: [2, 16, 6, 5], kernel: [32, 16, 3, 3], padding: [[1, 1], [1, 1]] },
  { name: 'blocks, plain images', x: [2, 3, 6, 7], kernel: [16, 3, 3, 2], padding: [[1, 0], [0, 1]] },
  { name: 'blocks, stride 2', x: [2, 16, 7, 8], kernel: [16, 16, 3, 3], stride: [2, 2], padding: [[1, 1], [0, 1]] },
  { name: 'blocks, dilation', x: [1, 32, 9, 8], kernel: [16, 32, 3, 2], dilation: [2, 3], padding: [[1, 2], [0, 1]] },
  { name: 'blocks, more padding than the kernel reaches', x: [1, 16, 3, 4], kernel: [16, 16, 2, 2], padding: [[2, 0], [1, 1]] },
  { name: 'blocks of images', x: [16, 3, 4, 4], kernel: [16, 3, 3, 3], padding: [[1, 1], [1, 1]] },
  { name: 'blocks of images, stride with a remainder', x: [16, 2, 8, 9], kernel: [16, 2, 2, 3], stride: [3, 2], padding: [[0, 1], [0, 0]] },
  { name: 'blocks of images, stride and dilation', x: [32, 1, 9, 10], kernel: [16, 1, 2, 3], stride: [2, 2], dilation: [3, 2] },
  { name: 'blocks of images, as large as the image', x: [16, 2, 3, 4], kernel: [16, 2, 3, 4] },
  { name: 'many taps, stride with a remainder', x: [3, 2, 10, 9], kernel: [5, 2, 4, 4], stride: [4, 2], padding: [[1, 0], [2, 1]] },
  { name: 'blocks, groups', x: [1, 32, 4, 5], kernel: [32, 16, 3, 3], groups: 2, padding: [[1, 1], [1, 1]] },
]; // biome-ignore format: a table

/** The three forms of each geometry: forward, adjoint in the image, adjoint in the kernel. */
const convForms = convolutions.map(({ name, x, kernel, ...given }) => {
  const geometry: ConvGeometry = { stride: [1, 1], padding: [[0, 0], [0, 0]], dilation: [1, 1], groups: 1, ...given }; // biome-ignore format: one line
  const dtype = 'float32';
  const y = infer.conv2d([{ shape: x, dtype }, { shape: kernel, dtype }], geometry, 'conv2d').shape; // biome-ignore format: one line
  const inputSize = [x[2], x[3]] as const;
  const kernelSize = [kernel[2], kernel[3]] as const;
  const form = (shapes: Shape[], build: OpCase['build']): OpCase => ({
    name,
    inputs: shapes.map((shape) => ({ shape })),
    build,
  });
  return {
    conv2d: form([x, kernel], (a, b) => apply('conv2d', [a, b], geometry)),
    conv2dInputGrad: form([y, kernel], (a, b) => apply('conv2dInputGrad', [a, b], { ...geometry, inputSize })),
    conv2dKernelGrad: form([x, y], (a, b) => apply('conv2dKernelGrad', [a, b], { ...geometry, kernelSize })),
  };
});

interface PoolCase extends Partial<PoolGeometry> {
  name: string;
  x: Shape;
  window: readonly [number, number];
  values?: readonly number[];
}

const pools: readonly PoolCase[] = [
  { name: 'plain', x: [2, 3, 6, 4], window: [2, 2], stride: [2, 2] },
  { name: 'a remainder is left out', x: [1, 2, 7, 5], window: [2, 2], stride: [2, 2] },
  { name: 'overlapping', x: [2, 2, 7, 8], window: [3, 3], stride: [2, 2] },
  { name: 'overlapping, stride 1', x: [1, 2, 5, 6], window: [3, 2] },
  { name: 'padded', x: [2, 2, 6, 6], window: [3, 3], stride: [2, 2], padding: [[1, 1], [1, 1]] },
  { name: 'asymmetric padding', x: [1, 2, 5, 6], window: [3, 2], stride: [2, 2], padding: [[0, 2], [1, 0]] },
  { name: 'gaps', x: [1, 1, 9, 9], window: [2, 1], stride: [3, 2] },
  { name: 'the whole image', x: [2, 3, 3, 5], window: [3, 5] },
  { name: 'larger', x: [2, 3, 14, 14], window: [2, 2], stride: [2, 2] },
  { name: 'wide and overlapping', x: [1, 2, 7, 14], window: [3, 3], stride: [2, 2], padding: [[1, 1], [1, 1]] },
  { name: 'wide, other strides', x: [1, 2, 6, 13], window: [2, 3], stride: [2, 3] },
  { name: 'ties', x: [1, 1, 3, 4], window: [2, 2], values: [1, 1, 0, 0, 1, 1, 0, -1, -1, -1, -2, -2] },
]; // biome-ignore format: a table

const poolForms = pools.map(({ name, x, window, values, ...given }) => {
  const geometry: PoolGeometry = { window, stride: [1, 1], padding: [[0, 0], [0, 0]], ...given }; // biome-ignore format: one line
  const y = infer.maxPool([{ shape: x, dtype: 'float32' }], geometry, 'maxPool').shape;
  const image: CaseInput = { shape: x, values: values ?? distinct(sizeOf(x)) };
  const form = (inputs: CaseInput[], build: OpCase['build']): OpCase => ({
    name,
    inputs,
    build,
    differentiable: values === undefined,
  });
  return {
    maxPool: form([image], (a) => apply('maxPool', [a], geometry)),
    maxPoolGather: form([image, { shape: x }], (a, t) => apply('maxPoolGather', [a, t], geometry)),
    maxPoolScatter: form([image, { shape: y }], (a, dy) => apply('maxPoolScatter', [a, dy], geometry)),
  };
});

export const convolutionCases: Cases<
  'conv2d' | 'conv2dInputGrad' | 'conv2dKernelGrad' | 'maxPool' | 'maxPoolGather' | 'maxPoolScatter'
> = {
  conv2d: convForms.map((form) => form.conv2d),
  conv2dInputGrad: convForms.map((form) => form.conv2dInputGrad),
  conv2dKernelGrad: convForms.map((form) => form.conv2dKernelGrad),
  maxPool: poolForms.map((form) => form.maxPool),
  maxPoolGather: poolForms.map((form) => form.maxPoolGather),
  maxPoolScatter: poolForms.map((form) => form.maxPoolScatter),
};

/** Rows with one entry far above the others, and one with two equal ones. */
const largeLogits: CaseInput = { shape: [3, 4], values: [1000, 0, -1000, 10, 5, 5, -5, 0, -2000, -2001, -2003, -2010] };

const rows = (op: 'softmax' | 'logSoftmax'): OpCase[] => [
  ...[[7], [3, 5], [2, 3, 4], [4, 1], [37, 29], [2, 517]].map(
    (shape): OpCase => ({
      name: `[${shape}]`,
      inputs: [{ shape, domain: [-4, 4] }],
      build: (x) => x[op](),
    }),
  ),
  { name: 'large logits', inputs: [largeLogits], build: (x) => x[op]() },
];

const entropy = (name: string, logits: CaseInput, labels: CaseInput): OpCase => ({
  name,
  inputs: [logits, { dtype: 'int32', ...labels }],
  build: (x, y) => crossEntropy(x, y),
});

const norm = (name: string, input: CaseInput, rest: Partial<OpCase> = {}, epsilon = 1e-5): OpCase => ({
  name,
  inputs: [input, { shape: input.shape.slice(-1) }, { shape: input.shape.slice(-1) }],
  build: (x, gain, bias) => layerNorm(x, gain, bias, { epsilon }),
  ...rest,
});

const inverseStd = (name: string, input: CaseInput, rest: Partial<OpCase> = {}, epsilon = 1e-5): OpCase => ({
  name,
  inputs: [input],
  build: (x) => apply('inverseStd', [x], { epsilon }),
  ...rest,
});

type Recurrence = (ofInput: Tensor, weight: Tensor) => Tensor;

const recurrence = (name: string, ofInput: Shape, weight: Shape, build: Recurrence): OpCase => ({
  name,
  inputs: [{ shape: ofInput }, { shape: weight, domain: [-1, 1] }],
  build,
});

const recurrences = (build: Recurrence): OpCase[] => [
  recurrence('[4,3,8]', [4, 3, 8], [8, 2], build),
  recurrence('one step', [1, 3, 8], [8, 2], build),
  recurrence('one unit', [5, 1, 4], [4, 1], build),
  recurrence('lanes', [2, 3, 2, 8], [8, 2], build),
  recurrence('lanes with their weights', [2, 3, 2, 8], [2, 8, 2], build),
  recurrence('vectors and a rest', [3, 7, 44], [44, 11], build),
  recurrence('whole vectors', [3, 12, 64], [64, 16], build),
];

/** Of a trace as an LSTM makes it, at a cotangent made of its hidden states. */
const throughSteps: Recurrence = (x, w) => {
  const y = apply('lstm', [x, w], {});
  return apply('lstmBackward', [apply('lstmTrace', [x, w], {}), w, y.mul(2).sub(0.3)], {});
};

/** Queries, keys and values side by side, and a cotangent. */
const attention = (op: 'causalAttention' | 'causalAttentionBackward'): OpCase[] => {
  const made = (name: string, heads: number, shape: Shape): OpCase => {
    const qkv = { shape, domain: [-2, 2] } as const;
    const dy = { shape: [...shape.slice(0, -1), (shape.at(-1) ?? 0) / 3] };
    const inputs = op === 'causalAttention' ? [qkv] : [qkv, dy];
    return { name, inputs, build: (...given: Tensor[]) => apply(op, given, { heads }) };
  };
  return [
    made('[3,6]', 1, [3, 6]),
    made('one step', 2, [2, 1, 12]),
    made('one feature', 1, [5, 3]),
    made('[2,4,24]', 2, [2, 4, 24]),
    made('leading axes', 2, [2, 2, 3, 12]),
    made('whole vectors', 2, [2, 8, 48]),
    made('two blocks and a rest', 1, [1, 53, 15]),
    made('two blocks', 2, [1, 48, 54]),
  ];
};

export const compositeCases: Cases<CompositeName> = {
  softmax: rows('softmax'),
  logSoftmax: rows('logSoftmax'),
  crossEntropy: [
    entropy('[5,7]', { shape: [5, 7] }, { shape: [5], domain: [0, 6] }),
    entropy('one row', { shape: [7] }, { shape: [], values: [3] }),
    entropy('[2,3,4]', { shape: [2, 3, 4] }, { shape: [2, 3], domain: [0, 3] }),
    entropy('many', { shape: [37, 29], domain: [-4, 4] }, { shape: [37], domain: [0, 28] }),
    entropy('large logits', largeLogits, { shape: [3], values: [1, 0, 3] }),
  ],
  layerNorm: [
    norm('[3,8]', { shape: [3, 8] }),
    norm('[7]', { shape: [7] }),
    norm('[2,3,5]', { shape: [2, 3, 5] }),
    norm('a large epsilon', { shape: [3, 5] }, {}, 0.5),
    norm('far from 0', { shape: [3, 16], domain: [99, 101] }, { tolerance: 1e-4 }),
    norm('many', { shape: [9, 131] }),
  ],
  lstm: recurrences((x, w) => apply('lstm', [x, w], {})),
  lstmTrace: recurrences((x, w) => apply('lstmTrace', [x, w], {})),
  lstmBackward: recurrences(throughSteps),
  causalAttention: attention('causalAttention'),
  causalAttentionBackward: attention('causalAttentionBackward'),
  inverseStd: [
    inverseStd('[3,8]', { shape: [3, 8] }),
    inverseStd('[7]', { shape: [7] }),
    inverseStd('[2,3,5]', { shape: [2, 3, 5] }),
    inverseStd('a large epsilon', { shape: [3, 5] }, {}, 0.5),
    inverseStd('float64', { shape: [3, 5], dtype: 'float64' }),
    inverseStd('far from 0', { shape: [3, 16], domain: [99, 101] }, { tolerance: 1e-4 }),
  ],
  gelu: [
    ...[[], [7], [3, 5], [1037]].map(
      (shape): OpCase => ({
        name: `[${shape}]`,
        inputs: [{ shape, domain: [-4, 4] }],
        build: (x) => x.gelu(),
      }),
    ),
    { name: 'far out', inputs: [{ shape: [5], values: [-30, -8, 0, 8, 30] }], build: (x) => x.gelu() },
  ],
};
