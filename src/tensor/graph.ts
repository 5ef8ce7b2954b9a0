import { apply, type Tensor } from './tensor.ts';

/** A traced computation: what it is given and what it answers. */
export interface Graph {
  readonly inputs: readonly Tensor<'parameter'>[];
  readonly outputs: readonly Tensor[];
}

/** Every node that the outputs depend on, inputs first. `stop` cuts the search: its nodes are left out with all below. */
export function topological(outputs: readonly Tensor[], stop?: (node: Tensor) => boolean): Tensor[] {
  const seen = new Set<Tensor>();
  const stack = [...outputs];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node) || stop?.(node)) continue;
    seen.add(node);
    stack.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The nodes among `order` (topological) that depend on any of `sources`, sources included. */
export function dependents(order: readonly Tensor[], sources: Iterable<Tensor>): Set<Tensor> {
  const found = new Set(sources);
  for (const node of order) if (node.inputs.some((input) => found.has(input))) found.add(node);
  return found;
}

/** The same op on other inputs. */
export const withInputs = (node: Tensor, inputs: readonly Tensor[]): Tensor =>
  node.inputs.every((input, i) => input === inputs[i]) ? node : apply(node.op, inputs, node.attrs);

/** Rebuilds outputs with some nodes replaced; what does not depend on a replaced node stays as it is. */
export function substitute(outputs: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const done = new Map(replacements);
  for (const node of topological(outputs, (n) => replacements.has(n))) {
    done.set(
      node,
      withInputs(
        node,
        node.inputs.map((input) => done.get(input) ?? input),
      ),
    );
  }
  return outputs.map((output) => done.get(output) ?? output);
}

export const isLeaf = (node: Tensor): boolean => node.inputs.length === 0;
