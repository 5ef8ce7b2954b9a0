import type { ComputeName, OpName } from '../../tensor/attrs.ts';
import { type Graph, topological } from '../../tensor/graph.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { EngineError } from '../engine.ts';
import { composites } from './composites.ts';
import { convolution, convolve } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { Emitter, type Value } from './emitter.ts';
import { affineProducts, isMatrixProduct, matricesToTurn, rowMeans } from './fuse.ts';
import { indexing } from './indexing.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { movement } from './movement.ts';
import { pooling } from './pooling.ts';
import { affine, products } from './products.ts';
import type { OnnxModel, OnnxNode, OnnxValue } from './proto.ts';
import { reductions, rowMean } from './reductions.ts';

const leaves: Lowerings<'constant' | 'iota' | 'identity' | 'stopGradient'> = {
  constant: (emit, _, { values, shape, dtype }) => emit.constant(values, dtype, shape),
  iota: (emit, _, { axis, shape, dtype }) => {
    const counts = Array.from({ length: shape[axis] }, (_, i) => i);
    const line = emit.constant(
      counts,
      dtype,
      shape.map((n, i) => (i === axis ? n : 1)),
    );
    return emit.expand(line, shape);
  },
  identity: (_, [x]) => x,
  stopGradient: (_, [x]) => x,
};

/** How every op is written in ONNX, or why it is not. */
export const lowerings: Lowerings<ComputeName> = {
  ...leaves,
  ...elementwise,
  ...reductions,
  ...movement,
  ...indexing,
  ...products,
  ...convolution,
  ...pooling,
  ...composites,
};

const isCompute = (node: Tensor): node is Tensor<ComputeName> => (node.op as OpName) in lowerings;

function lowerNode<K extends ComputeName>(emit: Emitter, node: Tensor<K>, inputs: readonly Value[]): Value {
  const lowering: Lowerings<ComputeName>[K] = lowerings[node.op];
  if ('unsupported' in lowering) {
    throw new EngineError(`the onnx engine cannot compute ${node}: ${lowering.unsupported}`);
  }
  return (lowering as Lowering<K>)(emit, inputs, node.attrs, node);
}

/** A model, and which of the graph's inputs and outputs it reads and writes. */
export interface Program {
  readonly model: OnnxModel;
  /** Graph inputs that the model takes; unused ones are left out. */
  readonly inputs: readonly Binding[];
  /** Graph outputs that the model makes; empty ones are left out. */
  readonly outputs: readonly Binding[];
}

/** A value of the model, and the position of the graph input or output that it is. It may differ in shape, not in size. */
export interface Binding extends OnnxValue {
  readonly position: number;
}

/** Writes a simplified graph in ONNX; `block` is what `blockSize` answers. */
export function lower(graph: Graph, block: number | null = null): Program {
  const emit = new Emitter(block);
  const values = new Map<Tensor, Value>();
  const inputs: Binding[] = [];
  const results = graph.outputs.map(beforeReshapes);
  const used = new Set(topological(results));
  for (const [position, { shape, dtype }] of graph.inputs.entries()) {
    const value = { name: `in${position}`, type: dtype, shape };
    values.set(graph.inputs[position], value);
    if (used.has(graph.inputs[position]) && sizeOf(shape) > 0) inputs.push({ ...value, position });
  }

  const sums = affineProducts(results);
  const means = rowMeans(results);
  const toTurn = matricesToTurn(results);
  const fused = new Set<Tensor>([...[...sums.values()].flatMap(({ within }) => within), ...means.values()]);
  const find = (node: Tensor): Value => values.get(node) as Value;
  for (const node of used) {
    if (values.has(node) || fused.has(node) || node.size === 0) continue;
    if (!isCompute(node)) throw new EngineError(`the onnx engine meets ${node}, which is no input of the graph`);
    const sum = sums.get(node);
    const mean = means.get(node);
    const product = sum?.product ?? node;
    const operands = (): Value[] => [...product.inputs, ...(sum ? [sum.bias] : [])].map(find);
    if (isMatrixProduct(product)) {
      const attrs = { ...product.attrs, alpha: sum?.alpha, beta: sum?.beta };
      values.set(node, affine(emit, operands(), attrs, node.shape, toTurn.has(product.inputs[1])));
    } else if (product.is('conv2d')) values.set(node, convolve(emit, operands(), product.attrs, node.shape));
    else if (mean) values.set(node, rowMean(emit, mean.inputs.map(find), mean.attrs, mean));
    else values.set(node, lowerNode(emit, node, node.inputs.map(find)));
  }

  const outputs = bindOutputs(emit, results, values);
  const nodes = withoutUnusedResults(emit.nodes, outputs);
  return { model: { nodes, constants: emit.constants, inputs, outputs }, inputs, outputs };
}

/** A reshape at the very end is no work: the buffer gives the shape. */
const beforeReshapes = (output: Tensor): Tensor => (output.is('reshape') ? beforeReshapes(output.inputs[0]) : output);

/** Every output of the model must be made by a node of its own. */
function bindOutputs(emit: Emitter, results: readonly Tensor[], values: ReadonlyMap<Tensor, Value>): Binding[] {
  const made = new Set(emit.nodes.flatMap((node) => node.outputs));
  const outputs: Binding[] = [];
  for (const [position, result] of results.entries()) {
    if (result.size === 0) continue;
    let value = values.get(result) as Value;
    if (!made.delete(value.name)) value = emit.node('Identity', [value], value);
    outputs.push({ ...value, position });
  }
  return outputs;
}

/** Results after the first that nobody asks for: MaxPool takes a slower path when asked for the places too. */
function withoutUnusedResults(nodes: readonly OnnxNode[], outputs: readonly Binding[]): OnnxNode[] {
  const read = new Set([...nodes.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)]);
  return nodes.map((node) => {
    if (node.op !== 'MaxPool' && node.op !== 'LayerNormalization') return node;
    const named = node.outputs.map((name, i) => (i === 0 || read.has(name) ? name : ''));
    return { ...node, outputs: named.slice(0, named.findLastIndex((name) => name !== '') + 1) };
  });
}
