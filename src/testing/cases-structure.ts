import type { ComputeName } from '../tensor/attrs.ts';
import type { DType } from '../tensor/dtype.ts';
import { arange, concat, constant, scatterAdd } from '../tensor/functions.ts';
import type { Shape } from '../tensor/shape.ts';
import { apply } from '../tensor/tensor.ts';
import { distinct } from './draw.ts';
import type { CaseInput, OpCase } from './op-case.ts';

type Cases<K extends ComputeName> = { readonly [P in K]: readonly OpCase[] };

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
const plain = (shape: Shape, dtype?: DType): CaseInput => ({ shape, dtype });
const spread = (shape: Shape): CaseInput => ({ shape, values: distinct(sizeOf(shape)) });

/** One case on float32, marked as not differentiable for other inputs. */
const one = (name: string, input: CaseInput, build: OpCase['build']): OpCase => ({
  name,
  inputs: [input],
  build,
  differentiable: input.dtype === undefined || input.dtype === 'float64',
});

const reductions: readonly (readonly [shape: Shape, axes: readonly number[], keepDims: boolean])[] = [
  [[], [], false],
  [[7], [0], false],
  [[7], [0], true],
  [[3, 5], [1], false],
  [[3, 5], [0], false],
  [[3, 5], [0], true],
  [[3, 5], [0, 1], false],
  [[3, 5], [1, 0], true],
  [[3, 5], [], false],
  [[2, 3, 4], [1], false],
  [[2, 3, 4], [0, 2], false],
  [[2, 3, 4], [0, 2], true],
  [[2, 1, 3, 5], [1, 3], false],
  [[1037], [0], false],
  [[37, 29], [0], false],
  [[37, 29], [1], true],
];

export const reduceCases: Cases<'sum' | 'max' | 'min' | 'argmax'> = {
  sum: [
    ...reductions.map(([shape, axes, keepDims]) =>
      one(`[${shape}] over [${axes}]${keepDims ? ' kept' : ''}`, { shape, domain: [-1, 2] }, (x) =>
        apply('sum', [x], { axes, keepDims }),
      ),
    ),
    one('int32', plain([3, 5], 'int32'), (x) => x.sum(0)),
    one('float64', plain([3, 5], 'float64'), (x) => x.sum()),
  ],
  max: extrema('max'),
  min: extrema('min'),
  argmax: [
    one('[7]', spread([7]), (x) => x.argmax()),
    one('rows', spread([3, 5]), (x) => x.argmax(1)),
    one('columns', spread([3, 5]), (x) => x.argmax(0)),
    one('middle', spread([2, 3, 4]), (x) => x.argmax(1)),
    one('many', spread([37, 29]), (x) => x.argmax()),
    one('int32', { shape: [4, 6], dtype: 'int32', domain: [-50, 50] }, (x) => x.argmax()),
    one('the first of equals', { shape: [2, 4], values: [1, 3, 3, 0, -1, -1, -1, -1] }, (x) => x.argmax()),
  ].map((argmax) => ({ ...argmax, differentiable: false })),
};

function extrema(op: 'max' | 'min'): OpCase[] {
  return [
    ...reductions.map(([shape, axes, keepDims]) =>
      one(`[${shape}] over [${axes}]${keepDims ? ' kept' : ''}`, spread(shape), (x) =>
        apply(op, [x], { axes, keepDims }),
      ),
    ),
    one('int32', { shape: [3, 5], dtype: 'int32', domain: [-50, 50] }, (x) => x[op](1)),
    { ...one('ties', { shape: [2, 3], values: [1, 1, 0, -1, -1, -1] }, (x) => x[op](1)), differentiable: false },
  ];
}

const otherTypes = (shape: Shape, build: OpCase['build']): OpCase[] =>
  (['int32', 'bool', 'uint8', 'float64'] as const).map((dtype) => one(dtype, plain(shape, dtype), build));

export const movementCases: Cases<
  'reshape' | 'transpose' | 'broadcastTo' | 'slice' | 'pad' | 'concat' | 'flip' | 'segmentBroadcast' | 'segmentSum'
> = {
  reshape: [
    one('[3,4] to [2,6]', plain([3, 4]), (x) => x.reshape([2, 6])),
    one('[6] to [2,1,3]', plain([6]), (x) => x.reshape([2, 1, 3])),
    one('[] to [1,1]', plain([]), (x) => x.reshape([1, 1])),
    one('[1] to []', plain([1]), (x) => x.reshape([])),
    one('[2,3,5] to [30]', plain([2, 3, 5]), (x) => x.reshape([-1])),
    one('between element-wise ops', plain([4, 6]), (x) => x.exp().reshape([24]).mul(2)),
    ...otherTypes([2, 6], (x) => x.reshape([3, 4])),
  ],
  transpose: [
    one('[3,5]', plain([3, 5]), (x) => x.transpose()),
    one('[2,3,4] by 0 2 1', plain([2, 3, 4]), (x) => x.transpose([0, 2, 1])),
    one('[2,3,4] by 2 0 1', plain([2, 3, 4]), (x) => x.transpose([2, 0, 1])),
    one('[2,3,4,5] by 3 1 0 2', plain([2, 3, 4, 5]), (x) => x.transpose([3, 1, 0, 2])),
    one('a row', plain([1, 7]), (x) => x.transpose()),
    one('[33,37]', plain([33, 37]), (x) => x.transpose()),
    ...otherTypes([3, 5], (x) => x.transpose()),
  ],
  broadcastTo: [
    one('[] to [3,5]', plain([]), (x) => x.broadcastTo([3, 5])),
    one('[5] to [3,5]', plain([5]), (x) => x.broadcastTo([3, 5])),
    one('[3,1] to [2,3,5]', plain([3, 1]), (x) => x.broadcastTo([2, 3, 5])),
    one('[1,4,1] to [3,4,2]', plain([1, 4, 1]), (x) => x.broadcastTo([3, 4, 2])),
    one('[1] to [1037]', plain([1]), (x) => x.broadcastTo([1037])),
    one('[1] to [1,1]', plain([1]), (x) => x.broadcastTo([1, 1])),
    ...otherTypes([3, 1], (x) => x.broadcastTo([3, 4])),
  ],
  slice: [
    one('a run', plain([9]), (x) => x.slice([2], [7])),
    one('a block', plain([4, 6]), (x) => x.slice([1, 2], [3, 5])),
    one('with strides', plain([7, 8]), (x) => x.slice([1, 0], [7, 8], [2, 3])),
    one('one row', plain([4, 6]), (x) => x.at(0, 2)),
    one('one column', plain([4, 6]), (x) => x.at(1, -1)),
    one('[2,3,4]', plain([2, 3, 4]), (x) => x.slice([0, 1, 1], [2, 2, 4], [1, 1, 2])),
    one('many', plain([1037]), (x) => x.slice([3], [1030], [1])),
    ...otherTypes([4, 6], (x) => x.slice([1, 0], [4, 6], [2, 1])),
  ],
  pad: [
    one('both ends', plain([5]), (x) => x.pad([1], [2])),
    one('a value', plain([3, 4]), (x) => x.pad([1, 0], [0, 2], { value: -1.5 })),
    one('between neighbours', plain([3, 4]), (x) => x.pad([0, 0], [0, 0], { interior: [1, 2] })),
    one('everywhere', plain([3, 4]), (x) => x.pad([1, 2], [2, 0], { interior: [2, 0], value: 0.5 })),
    one('between, one of three axes', plain([2, 3, 4]), (x) => x.pad([0, 1, 0], [0, 0, 1], { interior: [0, 1, 0] })),
    one('a single element', plain([1]), (x) => x.pad([2], [1], { interior: [3] })),
    one('nothing', plain([5]), (x) => x.pad([0], [0])),
    one('rank 0', plain([]), (x) => x.pad([], [])),
    one('int32', plain([3, 4], 'int32'), (x) => x.pad([1, 0], [0, 2], { value: 7 })),
    one('float64', plain([4], 'float64'), (x) => x.pad([1], [1])),
  ],
  concat: [
    joined('two, axis 0', [[2, 3], [1, 3]], 0),
    joined('three, axis 1', [[2, 3], [2, 1], [2, 5]], 1),
    joined('middle axis', [[2, 3, 4], [2, 2, 4]], 1),
    joined('many', [[517], [3], [600]], 0),
    joined('int32', [[3], [4]], 0, 'int32'),
    joined('bool', [[3], [4]], 0, 'bool'),
    joined('float64', [[3], [4]], 0, 'float64'),
    one('only one', plain([2, 3]), (x) => apply('concat', [x], { axis: 1 })),
    one('one tensor twice', plain([2, 3]), (x) => concat([x, x.exp(), x], 1)),
  ], // biome-ignore format: one case a line
  flip: [
    one('[7]', plain([7]), (x) => x.flip(0)),
    one('rows', plain([3, 5]), (x) => x.flip(0)),
    one('columns', plain([3, 5]), (x) => x.flip(1)),
    one('both', plain([3, 5]), (x) => x.flip([0, 1])),
    one('[2,3,4] on 0 and 2', plain([2, 3, 4]), (x) => x.flip([0, 2])),
    one('int32', plain([5], 'int32'), (x) => x.flip(0)),
  ],
  segmentBroadcast: [
    one('[3]', plain([3]), (x) => apply('segmentBroadcast', [x], { sizes: [2, 1, 4] })),
    one('[2,3]', plain([2, 3]), (x) => apply('segmentBroadcast', [x], { sizes: [3, 5, 1] })),
    one('one segment', plain([1]), (x) => apply('segmentBroadcast', [x], { sizes: [9] })),
    one('[2,1,2]', plain([2, 1, 2]), (x) => apply('segmentBroadcast', [x], { sizes: [1, 3] })),
    one('many', plain([4]), (x) => apply('segmentBroadcast', [x], { sizes: [500, 33, 4, 501] })),
    one('int32', plain([2], 'int32'), (x) => apply('segmentBroadcast', [x], { sizes: [2, 3] })),
  ],
  segmentSum: [
    one('[7]', plain([7]), (x) => apply('segmentSum', [x], { sizes: [2, 1, 4] })),
    one('[2,9]', plain([2, 9]), (x) => apply('segmentSum', [x], { sizes: [3, 5, 1] })),
    one('one segment', plain([9]), (x) => apply('segmentSum', [x], { sizes: [9] })),
    one('[2,1,4]', plain([2, 1, 4]), (x) => apply('segmentSum', [x], { sizes: [1, 3] })),
    one('many', { shape: [1038], domain: [-1, 2] }, (x) => apply('segmentSum', [x], { sizes: [500, 33, 4, 501] })),
    one('int32', plain([5], 'int32'), (x) => apply('segmentSum', [x], { sizes: [2, 3] })),
  ],
};

function joined(name: string, shapes: readonly Shape[], axis: number, dtype?: DType): OpCase {
  return {
    name,
    inputs: shapes.map((shape) => plain(shape, dtype)),
    build: (...parts) => concat(parts, axis),
    differentiable: dtype === undefined || dtype === 'float64',
  };
}

/** Indices of a table with `size` rows. */
const index = (shape: Shape, size: number): CaseInput => ({ shape, dtype: 'int32', domain: [0, size - 1] });
const indexAt = (shape: Shape, values: readonly number[]): CaseInput => ({ shape, dtype: 'int32', values });

const gathering = (name: string, x: CaseInput, indices: CaseInput, axis: number): OpCase => ({
  name,
  inputs: [x, indices],
  build: (from, at) => from.gather(at, axis),
  differentiable: x.dtype === undefined || x.dtype === 'float64',
});

const scattering = (name: string, indices: CaseInput, updates: CaseInput, axis: number, size: number): OpCase => ({
  name,
  inputs: [indices, updates],
  build: (at, from) => scatterAdd(at, from, { axis, size }),
  differentiable: updates.dtype === undefined || updates.dtype === 'float64',
});

export const indexCases: Cases<'gather' | 'scatterAdd'> = {
  gather: [
    gathering('elements', plain([5]), indexAt([4], [4, 0, 2, 2]), 0),
    gathering('rows', plain([5, 3]), index([4], 5), 0),
    gathering('columns', plain([3, 5]), index([4], 5), 1),
    gathering('a matrix of rows', plain([5, 3]), index([2, 4], 5), 0),
    gathering('the middle axis', plain([2, 4, 3]), index([2, 2], 4), 1),
    gathering('one row', plain([5, 3]), indexAt([], [3]), 0),
    gathering('an embedding', plain([40, 7]), index([6, 11], 40), 0),
    gathering('int32', plain([5], 'int32'), index([3], 5), 0),
    gathering('uint8 images', plain([6, 10], 'uint8'), index([4], 6), 0),
    gathering('bool', plain([5], 'bool'), index([3], 5), 0),
    gathering('float64', plain([5], 'float64'), index([3], 5), 0),
  ],
  scatterAdd: [
    scattering('repeats add up', indexAt([5], [2, 0, 2, 2, 3]), plain([5]), 0, 4),
    scattering('rows', index([6], 4), plain([6, 3]), 0, 4),
    scattering('columns', index([6], 4), plain([3, 6]), 1, 4),
    scattering('a matrix of rows', index([2, 4], 5), plain([2, 4, 3]), 0, 5),
    scattering('the middle axis', index([2, 2], 4), plain([2, 2, 2, 3]), 1, 4),
    scattering('one row', indexAt([], [3]), plain([3]), 0, 5),
    scattering('an embedding', index([6, 11], 40), plain([6, 11, 7]), 0, 40),
    scattering('int32', index([9], 4), plain([9], 'int32'), 0, 4),
    scattering('float64', index([9], 4), plain([9], 'float64'), 0, 4),
  ],
};

const leaf = (name: string, build: OpCase['build']): OpCase => ({ name, inputs: [], build, differentiable: false });

export const leafCases: Cases<'constant' | 'iota'> = {
  constant: [
    leaf('[]', () => constant(2.5)),
    leaf('[2,3]', () => constant([[1, 2, 3], [4, 5, -6]])), // biome-ignore format: a matrix
    leaf('int32', () => constant([1, -2, 3], { dtype: 'int32' })),
    leaf('bool', () => constant([1, 0, 1], { dtype: 'bool' })),
    leaf('uint8', () => constant([1, 0, 255], { dtype: 'uint8' })),
    leaf('float64', () => constant(0.1, { dtype: 'float64' })),
    leaf('many', () => constant(distinct(1037))),
    leaf('in arithmetic', () => constant([1, 2]).add(constant(1))),
    { name: 'beside an input', inputs: [plain([2, 3])], build: (x) => x.mul(constant([1, 2, 3])).add(0.1) },
  ],
  iota: [
    leaf('int32', () => arange(9)),
    leaf('float32', () => arange(9, 'float32')),
    leaf('float64', () => arange(3, 'float64')),
    leaf('axis 0 of [3,4]', () => apply('iota', [], { axis: 0, shape: [3, 4], dtype: 'int32' })),
    leaf('axis 1 of [3,4]', () => apply('iota', [], { axis: 1, shape: [3, 4], dtype: 'float32' })),
    leaf('axis 1 of [2,3,4]', () => apply('iota', [], { axis: 1, shape: [2, 3, 4], dtype: 'float32' })),
    leaf('many', () => arange(1037, 'float32')),
  ],
};
