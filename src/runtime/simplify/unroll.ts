import type { OpName } from '../../tensor/attrs.ts';
import { expand } from '../../tensor/expand.ts';
import { topological, withInputs } from '../../tensor/graph.ts';
import { hiddenStates } from '../../tensor/lstm.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';

const recurrences: ReadonlySet<OpName> = new Set(['lstm', 'lstmTrace', 'lstmBackward']);

/**
 * Recurrences step by step; or, for an engine with kernels for those of float32, as traces, which a derivative shares with the function
 * that it belongs to.
 */
export function withoutRecurrences(outputs: readonly Tensor[], kernels: boolean): readonly Tensor[] {
  const order = topological(outputs);
  if (!order.some(({ op }) => recurrences.has(op))) return outputs;
  const done = new Map<Tensor, Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input) as Tensor);
    done.set(node, replaced(node, inputs, kernels && node.dtype === 'float32'));
  }
  return outputs.map((output) => done.get(output) as Tensor);
}

function replaced(node: Tensor, inputs: readonly Tensor[], kernel: boolean): Tensor {
  if (node.is('lstm') && kernel) return hiddenStates(apply('lstmTrace', inputs, {}));
  const unrolls = (node.is('lstm') || node.is('lstmTrace') || node.is('lstmBackward')) && !kernel;
  return unrolls ? expand[node.op](inputs, node.attrs) : withInputs(node, inputs);
}
