import type { TypedArray } from '../../runtime/engine.ts';
import { parameter } from '../../tensor/functions.ts';
import { type Graph, substitute, topological } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';

export type Leaf = Tensor<'parameter'> | Tensor<'random'>;

export type Numbers = readonly number[] | TypedArray;

/** A graph with the numbers of its leaves: what the fuzzer makes, transforms, checks, shrinks and prints. */
export interface Program {
  readonly outputs: readonly Tensor[];
  /** The numbers of every parameter and random leaf, as float32 can hold them. */
  readonly values: ReadonlyMap<Leaf, Numbers>;
  /** Outputs that are to be written over an input of their form. */
  readonly over: ReadonlyMap<Tensor, Leaf>;
  /** Pairs of outputs that are equal in exact arithmetic. */
  readonly equal: readonly (readonly [Tensor, Tensor])[];
}

export const plainProgram = (outputs: readonly Tensor[], values: ReadonlyMap<Leaf, Numbers>): Program => ({
  outputs,
  values,
  over: new Map(),
  equal: [],
});

export const isInput = (node: Tensor): node is Leaf => node.op === 'parameter' || node.op === 'random';

/** The leaves that the outputs depend on, oldest first. */
export const leavesOf = (outputs: readonly Tensor[]): Leaf[] => topological(outputs).filter(isInput);

/** What an engine compiles: random leaves are inputs, as in training. The inputs stand in the order of `leaves`. */
export function engineGraph(outputs: readonly Tensor[], leaves: readonly Leaf[]): Graph {
  const declared = new Map<Tensor, Tensor<'parameter'>>(
    leaves.filter(({ op }) => op === 'random').map((leaf) => [leaf, parameter('random', leaf.shape, leaf.dtype)]),
  );
  return {
    inputs: leaves.map((leaf) => declared.get(leaf) ?? (leaf as Tensor<'parameter'>)),
    outputs: substitute(outputs, declared),
  };
}
