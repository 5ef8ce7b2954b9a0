import { expand } from '../../tensor/expand.ts';
import { topological, withInputs } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Recurrences step by step: no engine has a native form whose intermediate values their derivatives could use. */
export function unrolled(outputs: readonly Tensor[]): readonly Tensor[] {
  const order = topological(outputs);
  if (!order.some((node) => node.op === 'lstm')) return outputs;
  const done = new Map<Tensor, Tensor>();
  for (const node of order) {
    const inputs = node.inputs.map((input) => done.get(input) as Tensor);
    done.set(node, node.is('lstm') ? expand.lstm(inputs, node.attrs) : withInputs(node, inputs));
  }
  return outputs.map((output) => done.get(output) as Tensor);
}
