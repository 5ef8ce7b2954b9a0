import type { DType } from './dtype.ts';
import { TensorError } from './error.ts';
import { parameter } from './functions.ts';
import { type Graph, topological } from './graph.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';
import { flatten, mapTree, type TreeNode } from './tree.ts';

/** What a traced function is given at one place; a tensor is a spec of its own form. */
export interface TensorSpec {
  readonly shape: Shape;
  /** float32 unless said. */
  readonly dtype?: DType;
  /** Name of the graph input. Default: the place in the tree, as in 'params.0.weight'. */
  readonly name?: string;
}

/** The tree with a tensor in place of every spec. */
export type Traced<S> = S extends TreeNode ? S : S extends TensorSpec ? Tensor : { [K in keyof S]: Traced<S[K]> };

const isSpec = (value: unknown): value is TensorSpec =>
  typeof value === 'object' && value !== null && 'shape' in value && Array.isArray(value.shape);

/** Calls fn on placeholders and records what it computes. The graph has the leaves of `specs` as inputs, those of `output` as outputs. */
export function trace<const S, R>(fn: (inputs: Traced<S>) => R, specs: S): { graph: Graph; output: R } {
  const inputs: Tensor<'parameter'>[] = [];
  const given = mapTree<S, TensorSpec>(
    specs,
    ({ shape, dtype, name }, path) => {
      const input = parameter(name ?? (path === '' ? 'input' : path), shape, dtype);
      inputs.push(input);
      return input;
    },
    isSpec,
  );
  const output = fn(given as unknown as Traced<S>);
  const outputs = flatten(output).leaves;
  const known = new Set<Tensor>(inputs);
  for (const node of topological(outputs)) {
    if (node.is('parameter') && !known.has(node)) {
      throw new TensorError('trace', `the result depends on '${node.attrs.name}', which is not among the inputs`);
    }
  }
  return { graph: { inputs, outputs }, output };
}
