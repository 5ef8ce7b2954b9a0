import type { OpName } from '../tensor/attrs.ts';
import { type Graph, isLeaf, topological, withInputs } from '../tensor/graph.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { algebra } from './simplify/algebra.ts';
import { withoutEmptiness } from './simplify/empty.ts';
import { layout } from './simplify/layout.ts';
import { linear } from './simplify/linear.ts';
import { pools } from './simplify/pools.ts';
import type { Make, Rules } from './simplify/rule.ts';
import { tables } from './simplify/tables.ts';
import { unrolled } from './simplify/unroll.ts';
import { operationKey } from './structure.ts';

const rules: Rules = { ...algebra, ...layout };
const lastRules: Rules = { ...tables, ...pools };

function rewrite<K extends OpName>(node: Tensor<K>, make: Make): Tensor | null {
  const rule: Rules[K] = rules[node.op];
  const further: Rules[K] = linear[node.op];
  const last: Rules[K] = lastRules[node.op];
  return withoutEmptiness(node, make) ?? rule?.(node, make) ?? further?.(node, make) ?? last?.(node, make) ?? null;
}

/**
 * The same function in fewer and cheaper nodes: equal nodes become one, identities and needless movement go, small constants are folded,
 * transposes become flags of matmul. Values are those of the given graph in every case (0 * x stays, for x may be NaN) but five:
 * x + 0 may keep -0, a sum of n equal numbers is n times the number, x^2 is x * x, a factor common to all terms of a sum is applied
 * to the sum, and rows of a table that nothing reads are summed with weight 0. Inputs stay the same tensors in the same order. Recurrences
 * and attention are written out in other ops, unless the engine has kernels for them.
 */
export function simplify(graph: Graph, forms: 'unrolled' | 'kernels' = 'unrolled'): Graph {
  const known = new Map<string, Tensor>();
  const settled = new Map<Tensor, Tensor>();

  const settle = (node: Tensor): Tensor => {
    if (node.op === 'parameter' || node.op === 'random') return node;
    const key = `${operationKey(node)}(${node.inputs.map((input) => input.id)})`;
    const found = known.get(key);
    if (found) return found;
    const better = rewrite(node, make) ?? node;
    known.set(key, better);
    return better;
  };
  const make: Make = (op, inputs, attrs) => settle(apply(op, inputs, attrs));

  const outputs = unrolled(graph.outputs, forms === 'kernels');
  for (const node of topological(outputs)) {
    const inputs = node.inputs.map((input) => settled.get(input) as Tensor);
    settled.set(node, settle(isLeaf(node) ? node : withInputs(node, inputs)));
  }
  return { inputs: graph.inputs, outputs: outputs.map((output) => settled.get(output) as Tensor) };
}
