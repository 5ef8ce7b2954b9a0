import type {
  BinaryName,
  CompareName,
  CompositeName,
  ComputeName,
  LogicAttrs,
  OpAttrs,
  UnaryName,
} from '../../tensor/attrs.ts';
import { expand, isComposite } from '../../tensor/expand.ts';
import { type Graph, topological, withInputs } from '../../tensor/graph.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { EngineError } from '../engine.ts';
import { causalAttention, causalAttentionBackward } from './attention.ts';
import {
  concatenated,
  matmul,
  padded,
  pointwise,
  reduce,
  reshape,
  rowMajor,
  segmentBroadcast,
  segmentSum,
} from './construct.ts';
import { conv2d, conv2dInputGrad, conv2dKernelGrad } from './convolution.ts';
import { define, type View } from './ir.ts';
import { lstmBackward, lstmTrace } from './lstm.ts';
import { broadcast, flipped, sliced, transposed } from './view.ts';

/** A graph as values and views: what the planner fuses and places. */
export interface Lowered {
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}

type Rule<K extends ComputeName> = (inputs: readonly View[], attrs: OpAttrs[K], node: Tensor) => View;
type Elementwise = UnaryName | BinaryName | CompareName | keyof LogicAttrs | 'where';
/** Composites with a kernel. */
type Native = 'lstmTrace' | 'lstmBackward' | 'causalAttention' | 'causalAttentionBackward';
type Structural = Exclude<ComputeName, Elementwise | CompositeName> | Native;

const product = (shape: Shape, from: number, to: number): number => sizeOf(shape.slice(from, to));

const pool =
  (op: 'maxPool' | 'maxPoolGather' | 'maxPoolScatter') =>
  ([x, other]: readonly View[], geometry: OpAttrs['maxPool'], { shape, dtype }: Tensor): View =>
    define({
      kind: 'pool',
      op,
      x: rowMajor(x),
      other: other ? rowMajor(other) : null,
      pooled: op === 'maxPoolScatter' ? other.shape : shape,
      geometry,
      shape,
      dtype,
    });

const reduction =
  (op: 'sum' | 'max' | 'min') =>
  ([x]: readonly View[], { axes }: OpAttrs['sum'], { shape }: Tensor) =>
    reshape(reduce(op, x, axes), shape);

/** How each op that is not element-wise becomes values and views. */
const rules: { readonly [K in Structural]: Rule<K> } = {
  constant: (_, { values, shape, dtype }) => define({ kind: 'constant', values, shape, dtype }),
  iota: (_, { axis, shape, dtype }) => ({
    ...define({ kind: 'iota', shape: [shape[axis]], dtype }),
    shape,
    strides: shape.map((_, i) => (i === axis ? 1 : 0)),
  }),
  identity: ([x]) => x,
  stopGradient: ([x]) => x,
  cast: ([x], { dtype }) => (x.value.dtype === dtype ? x : pointwise('cast', [x], dtype)),
  sum: reduction('sum'),
  max: reduction('max'),
  min: reduction('min'),
  argmax: ([x], { axis }, { shape }) =>
    define({
      kind: 'argmax',
      x: rowMajor(x),
      outer: product(x.shape, 0, axis),
      size: x.shape[axis],
      inner: product(x.shape, axis + 1, x.shape.length),
      shape,
      dtype: 'int32',
    }),
  reshape: ([x], { shape }) => reshape(x, shape),
  transpose: ([x], { permutation }) => transposed(x, permutation),
  broadcastTo: ([x], { shape }) => broadcast(x, shape),
  slice: ([x], { starts, limits, strides }) => sliced(x, starts, limits, strides),
  pad: ([x], { low, high, interior, value }) => padded(x, low, high, interior, value),
  concat: (parts, { axis }) => concatenated(parts, axis),
  flip: ([x], { axes }) => flipped(x, axes),
  gather: ([x, indices], { axis }, { shape, dtype }) =>
    define({
      kind: 'gather',
      x: rowMajor(x),
      indices: rowMajor(indices),
      outer: product(x.shape, 0, axis),
      size: x.shape[axis],
      count: sizeOf(indices.shape),
      inner: product(x.shape, axis + 1, x.shape.length),
      shape,
      dtype,
    }),
  scatterAdd: ([indices, updates], { axis, size }, { shape, dtype }) =>
    define({
      kind: 'scatter',
      indices: rowMajor(indices),
      updates: rowMajor(updates),
      outer: product(shape, 0, axis),
      size,
      count: sizeOf(indices.shape),
      inner: product(shape, axis + 1, shape.length),
      shape,
      dtype,
    }),
  segmentBroadcast: ([x], { sizes }, { shape }) => segmentBroadcast(x, sizes, shape),
  segmentSum: ([x], { sizes }, { shape }) => segmentSum(x, sizes, shape),
  matmul: ([a, b], { transposeA, transposeB }) => matmul(transposeA ? turned(a) : a, transposeB ? turned(b) : b),
  eigh: ([x], _, { shape, dtype }) => define({ kind: 'decomposition', op: 'eigh', x: rowMajor(x), shape, dtype }),
  qr: ([x], _, { shape, dtype }) => define({ kind: 'decomposition', op: 'qr', x: rowMajor(x), shape, dtype }),
  conv2d: ([x, kernel], geometry, { shape }) => conv2d(x, kernel, shape, geometry),
  conv2dInputGrad: ([dy, kernel], geometry, { shape }) => conv2dInputGrad(dy, kernel, shape, geometry),
  conv2dKernelGrad: ([x, dy], geometry, { shape }) => conv2dKernelGrad(x, dy, shape, geometry),
  maxPool: pool('maxPool'),
  maxPoolGather: pool('maxPoolGather'),
  maxPoolScatter: pool('maxPoolScatter'),
  lstmTrace: (inputs, _, node) => lstmTrace(inputs, node),
  lstmBackward: (inputs, _, node) => lstmBackward(inputs, node),
  causalAttention: (inputs, { heads }, node) => causalAttention(inputs, heads, node),
  causalAttentionBackward: (inputs, { heads }, node) => causalAttentionBackward(inputs, heads, node),
};

const turned = (view: View): View => {
  const rank = view.shape.length;
  return transposed(view, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
};

/** Replaces composite ops that have no kernel by what they mean. */
export function expandComposites({ inputs, outputs }: Graph): Graph {
  const done = new Map<Tensor, Tensor>();
  for (const node of topological(outputs)) {
    const operands = node.inputs.map((input) => done.get(input) as Tensor);
    const { op } = node;
    done.set(node, isComposite(op) && !(op in rules) ? expandOne(op, operands, node) : withInputs(node, operands));
  }
  return { inputs, outputs: outputs.map((output) => done.get(output) as Tensor) };
}

const expandOne = <K extends CompositeName>(op: K, operands: readonly Tensor[], node: Tensor): Tensor =>
  expand[op](operands, node.attrs as OpAttrs[K]);

function lowerNode(node: Tensor, operands: readonly View[]): View {
  const { op } = node;
  if (op === 'parameter' || op === 'random') throw new EngineError(`wasm: ${node} is no input of the graph`);
  if (isComposite(op) && !(op in rules)) throw new EngineError(`wasm: ${op} was not expanded`);
  if (!(op in rules)) return pointwise(op as Elementwise, operands, node.dtype);
  return (rules as Record<string, Rule<ComputeName>>)[op](operands, node.attrs as OpAttrs[ComputeName], node);
}

/** The graph must be free of composites. */
export function lower({ inputs, outputs }: Graph): Lowered {
  const done = new Map<Tensor, View>();
  inputs.forEach(({ shape, dtype }, index) => {
    done.set(inputs[index], define({ kind: 'input', index, shape, dtype }));
  });
  for (const node of topological(outputs)) {
    if (done.has(node)) continue;
    const operands = node.inputs.map((input) => done.get(input) as View);
    done.set(node, lowerNode(node, operands));
  }
  return {
    inputs: inputs.map((input) => done.get(input) as View),
    outputs: outputs.map((output) => done.get(output) as View),
  };
}
