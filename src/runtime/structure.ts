import { type Graph, topological } from '../tensor/graph.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Any attribute value, without loss: JSON would make null of NaN and infinities, and 0 of -0. */
function valueKey(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `${value}`;
  if (Array.isArray(value)) return `[${value.map(valueKey)}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${name}:${valueKey(field)}`)}}`;
  }
  return JSON.stringify(value);
}

/** The op and its attributes: equal for two nodes that compute the same from the same inputs. */
export const operationKey = (node: Pick<Tensor, 'op' | 'attrs'>): string => `${node.op}${valueKey(node.attrs)}`;

/**
 * What a graph computes, as text: equal for two traces of one function, whatever they named their inputs. Ops, attributes, constants,
 * shapes, dtypes and topology take part.
 */
export function structureKey(graph: Graph): string {
  const numbers = new Map<Tensor, string>();
  const lines = graph.inputs.map((input, i) => {
    numbers.set(input, `in${i}`);
    return `${input.dtype}[${input.shape}]`;
  });
  for (const node of topological(graph.outputs)) {
    if (numbers.has(node)) continue;
    lines.push(`${operationKey(node)}(${node.inputs.map((input) => numbers.get(input))})`);
    numbers.set(node, `${numbers.size}`);
  }
  lines.push(`-> ${graph.outputs.map((output) => numbers.get(output))}`);
  return lines.join('\n');
}
