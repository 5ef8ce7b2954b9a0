import type { ComputeName, OpName } from '../../tensor/attrs.ts';
import { type Graph, topological } from '../../tensor/graph.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { EngineError } from '../engine.ts';
import { composites } from './composites.ts';
import { convolution } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { Emitter, type Value } from './emitter.ts';
import { affineProducts } from './fuse.ts';
import { indexing } from './indexing.ts';
import type { Lowering, Lowerings } from './lowering.ts';
import { movement } from './movement.ts';
import { pooling } from './pooling.ts';
import { affine, products } from './products.ts';
import type { OnnxModel, OnnxNode, OnnxValue } from './proto.ts';
import { reductions } from './reductions.ts';

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

/** Writes a simplified graph in ONNX. */
export function lower(graph: Graph): Program {
  const emit = new Emitter();
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
  const fused = new Set<Tensor>([...sums.values()].map(({ product }) => product));
  const find = (node: Tensor): Value => values.get(node) as Value;
  for (const node of used) {
    if (values.has(node) || fused.has(node) || node.size === 0) continue;
    if (!isCompute(node)) throw new EngineError(`the onnx engine meets ${node}, which is no input of the graph`);
    const sum = sums.get(node);
    const value = sum
      ? affine(emit, [...sum.product.inputs, sum.bias].map(find), sum.product.attrs, node.shape)
      : lowerNode(emit, node, node.inputs.map(find));
    values.set(node, value);
  }

  const outputs = bindOutputs(emit, results, values);
  const nodes = withoutUnusedResults(emit.nodes);
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

/** MaxPool takes a slower path when asked for the places too. */
function withoutUnusedResults(nodes: readonly OnnxNode[]): OnnxNode[] {
  const read = new Set(nodes.flatMap((node) => node.inputs));
  return nodes.map((node) =>
    node.op === 'MaxPool' ? { ...node, outputs: node.outputs.filter((name, i) => i === 0 || read.has(name)) } : node,
  );
}
