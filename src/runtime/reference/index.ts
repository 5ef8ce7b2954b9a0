import type { ComputeName } from '../../tensor/attrs.ts';
import { type Graph, topological } from '../../tensor/graph.ts';
import type { Aval } from '../../tensor/infer.ts';
import { formatShape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Buffer, type Engine, EngineError, type Executable, type TypedArray } from '../engine.ts';
import { type NdArray, type Rules, storage, zeros } from './array.ts';
import { composite } from './composite.ts';
import { convolution } from './conv.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './index-ops.ts';
import { linalg } from './linalg.ts';
import { movement } from './movement.ts';
import { reduce } from './reduce.ts';

export type { NdArray } from './array.ts';

/** Every op in plain float64. */
export const rules: Rules<ComputeName> = {
  ...indexing,
  ...elementwise,
  ...movement,
  ...reduce,
  ...linalg,
  ...convolution,
  ...composite,
};

const isComputed = (node: Tensor): node is Tensor<ComputeName> => node.op in rules;

const compute = <K extends ComputeName>(node: Tensor<K>, inputs: readonly NdArray[]): NdArray =>
  rules[node.op](inputs, node.attrs, node);

/** Computes `order` (topological) into `known`, which already holds the leaves that the runtime fills. */
function interpret(order: readonly Tensor[], known: Map<Tensor, NdArray>): void {
  for (const node of order) {
    if (known.has(node)) continue;
    if (!isComputed(node)) {
      const name = node.is('parameter') ? `parameter '${node.attrs.name}'` : `random leaf '${streamOf(node)}'`;
      throw new EngineError(`reference: ${name} has no value`);
    }
    const inputs = node.inputs.map((input) => known.get(input) as NdArray);
    known.set(node, compute(node, inputs));
  }
}

const streamOf = (node: Tensor): string => (node.is('random') ? node.attrs.stream : '');

/** A private copy in the reference's storage. */
function copied({ shape, dtype }: Aval, values: ArrayLike<number>): NdArray {
  const data = storage(dtype, values.length);
  data.set(values);
  return { shape, dtype, data };
}

/**
 * The numbers of some tensors, given those of the leaves (or of any other nodes) that they depend on. For tests and constant folding.
 * Throws EngineError where a parameter or random leaf has no value, or a value has the wrong length.
 */
export function evaluate(
  outputs: readonly Tensor[],
  values: ReadonlyMap<Tensor, TypedArray | readonly number[]> = new Map(),
): NdArray[] {
  const known = new Map<Tensor, NdArray>();
  for (const [node, numbers] of values) {
    if (numbers.length !== node.size) {
      throw new EngineError(`reference: ${numbers.length} numbers do not fill ${node}`);
    }
    known.set(node, copied(node, numbers));
  }
  interpret(
    topological(outputs, (node) => known.has(node)),
    known,
  );
  return outputs.map((output) => known.get(output) as NdArray);
}

function checkBuffers(kind: string, nodes: readonly Tensor[], buffers: readonly Buffer[]): void {
  if (nodes.length !== buffers.length) {
    throw new EngineError(`reference: the graph has ${nodes.length} ${kind}s, not ${buffers.length}`);
  }
  nodes.forEach((node, i) => {
    const { shape, dtype } = buffers[i];
    if (node.dtype !== dtype || !sameShape(node.shape, shape)) {
      throw new EngineError(`reference: ${kind} ${i} is ${node}, not ${dtype}${formatShape(shape)}`);
    }
  });
}

/** Inputs are copied before anything is computed, so outputs may lie where inputs did. */
function executable({ inputs: parameters, outputs: results }: Graph): Executable {
  const order = topological(results);
  return {
    bind(inputs, outputs) {
      checkBuffers('input', parameters, inputs);
      checkBuffers('output', results, outputs);
      return () => {
        const known = new Map<Tensor, NdArray>();
        parameters.forEach((parameter, i) => {
          known.set(parameter, copied(parameter, inputs[i].data));
        });
        interpret(order, known);
        results.forEach((result, i) => {
          outputs[i].data.set((known.get(result) as NdArray).data);
        });
      };
    },
  };
}

const compiled = new WeakMap<Graph, Executable>();

/** The slow, obvious engine: it walks the graph in float64. Every other engine is tested against it. */
export const referenceEngine: Engine = {
  name: 'reference',
  allocate: (shape, dtype) => zeros({ shape, dtype }),
  compile: async (graph) => {
    const found = compiled.get(graph) ?? executable(graph);
    compiled.set(graph, found);
    return found;
  },
};
