import type { OpName } from '../../tensor/attrs.ts';
import { expand } from '../../tensor/expand.ts';
import { topological, withInputs } from '../../tensor/graph.ts';
import { hiddenStates } from '../../tensor/lstm.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';

const withKernels = ['lstm', 'lstmTrace', 'lstmBackward', 'causalAttention', 'causalAttentionBackward'] as const;
const known: ReadonlySet<OpName> = new Set(withKernels);

const hasKernel = (node: Tensor): node is Tensor<(typeof withKernels)[number]> => known.has(node.op);

/**
 * Recurrences step by step, and attention as products and a softmax; or, for an engine with kernels for those of float32, recurrences as
 * traces, which a derivative shares with the function that it belongs to.
 */
export function unrolled(outputs: readonly Tensor[], kernels: boolean): readonly Tensor[] {
  const order = topological(outputs);
  if (!order.some(hasKernel)) return outputs;
  const done = new Map<Tensor, Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input) as Tensor);
    done.set(node, replaced(node, inputs, kernels && node.dtype === 'float32'));
  }
  return outputs.map((output) => done.get(output) as Tensor);
}

function replaced(node: Tensor, inputs: readonly Tensor[], kernel: boolean): Tensor {
  if (node.is('lstm') && kernel) return hiddenStates(apply('lstmTrace', inputs, {}));
  return hasKernel(node) && !kernel ? expanded(node, inputs) : withInputs(node, inputs);
}

const expanded = <K extends (typeof withKernels)[number]>(node: Tensor<K>, inputs: readonly Tensor[]): Tensor =>
  expand[node.op](inputs, node.attrs);
