import { parameter } from '../../tensor/functions.ts';
import type { Graph } from '../../tensor/graph.ts';
import { withInputs } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { isOnnxStage, type Partition } from './partition.ts';
import { baseOf, isView } from './views.ts';

/** Where a value lies between stages: part of the buffer of `base`, from element `start` on, in the shape of `node`. */
export interface Place {
  readonly node: Tensor;
  readonly base: Tensor;
  readonly start: number;
}

/** One call of one engine. Inputs and outputs of its graph lie at the given places. */
export interface Segment {
  readonly engine: 'onnx' | 'wasm';
  readonly stage: number;
  readonly graph: Graph;
  readonly inputs: readonly Place[];
  readonly outputs: readonly Tensor[];
}

/** Follows views down to the buffer that holds the numbers. */
export function placeOf(node: Tensor): Place {
  let start = 0;
  for (let at = node; at !== baseOf(node); at = at.inputs[0]) if (at.is('slice')) start += at.attrs.starts[0];
  return { node, base: baseOf(node), start };
}

/** The work of each stage as a graph of its own. `kept` are the tensors that must outlive their stage. */
export function segmentsOf(part: Partition, kept: ReadonlySet<Tensor>): Segment[] {
  return part.stages.flatMap((nodes, stage) => {
    const segment = segmentOf(nodes, stage, part, kept);
    return segment ? [segment] : [];
  });
}

function segmentOf(
  nodes: readonly Tensor[],
  stage: number,
  part: Partition,
  kept: ReadonlySet<Tensor>,
): Segment | null {
  const inside = new Set(nodes);
  const wanted = nodes.filter((node) => kept.has(node));
  if (wanted.length === 0) return null;
  const made = new Map<Tensor, Tensor>();
  const inputs: Place[] = [];

  // Builds what a node of this stage needs, inputs first; graphs are deep, so without recursion.
  const build = (root: Tensor): Tensor => {
    const stack = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      if (made.has(node)) {
        stack.pop();
        continue;
      }
      const base = baseOf(node);
      const computedHere = part.free.has(node) || inside.has(base) || (isView(node) && part.free.has(base));
      if (!computedHere) {
        made.set(node, parameter(`in${inputs.length}`, node.shape, node.dtype));
        inputs.push(placeOf(node));
        stack.pop();
        continue;
      }
      const missing = node.inputs.filter((input) => !made.has(input));
      if (missing.length > 0) stack.push(...missing);
      else {
        made.set(
          node,
          withInputs(
            node,
            node.inputs.map((input) => made.get(input) as Tensor),
          ),
        );
        stack.pop();
      }
    }
    return made.get(root) as Tensor;
  };

  const outputs = wanted.map(build);
  const graphInputs = inputs.map(({ node }) => made.get(node) as Tensor<'parameter'>);
  return {
    engine: isOnnxStage(stage) ? 'onnx' : 'wasm',
    stage,
    graph: { inputs: graphInputs, outputs },
    inputs,
    outputs: wanted,
  };
}
