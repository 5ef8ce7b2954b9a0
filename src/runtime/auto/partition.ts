import type { OpName } from '../../tensor/attrs.ts';
import { type Graph, topological } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { fitsWasm, rates } from './cost.ts';
import { isFusable, profitable } from './regions.ts';
import { baseOf, isView } from './views.ts';

/**
 * Cuts a graph into stages that alternate between the engines: even stages run on wasm, odd ones on ONNX Runtime.
 *
 * The rule, node by node:
 *  - dense algebra and everything of rank 2 or more runs on ONNX Runtime, but for regions of element-wise work and reductions that wasm
 *    computes in fewer passes, so much faster that it is worth a change of engine (`regions.ts`);
 *  - what wasm alone has runs there (`wasmOnly`), and element-wise work on a decomposition with it, which needs no change of engine;
 *    so does the gradient of the kernel of a first layer (`readsImages`), beside the update;
 *  - element-wise work, sums and segment ops over flat tensors (rank 0 or 1: the bundles of an optimizer) run on wasm,
 *    where they fuse into one pass; small ones stay with the engine that made their latest input, so that
 *    they never cause a change of engine;
 *  - a reshape, and a contiguous slice of a flat tensor, is no work but a view of a buffer;
 *  - a flat concat is no work either: each piece is written to its place (`assembled`);
 *  - what depends on no input is computed again wherever it is used (`free`), but for what wasm alone has.
 * Wasm nodes then sink to the latest stage their users allow, so that an update reads its moments once; sums of matrices stay, for what
 * they read would be kept longer.
 */
export interface Partition {
  /** What the engine of each stage computes, inputs first and without the views; some stages may be empty. */
  readonly stages: readonly (readonly Tensor[])[];
  /** The stage of every node that an engine computes, and of every assembled node (the stage after which it is whole). */
  readonly stageOf: ReadonlyMap<Tensor, number>;
  readonly assembled: ReadonlySet<Tensor>;
  readonly free: ReadonlySet<Tensor>;
}

export const isOnnxStage = (stage: number): boolean => stage % 2 === 1;

/** Flat tensors from this size on are an optimizer's business wherever they stand. */
const bundleSize = 4096;

/** ONNX Runtime has no such ops. */
const wasmOnly: ReadonlySet<OpName> = new Set([
  ...(['eigh', 'qr', 'lstmTrace', 'lstmBackward', 'causalAttention', 'causalAttentionBackward'] as const),
]);

const isDecomposition = ({ op }: Tensor): boolean => op === 'eigh' || op === 'qr';

/** Grey or coloured images: with stride 1 wasm has the gradient of the first kernel in 0.2 to 0.85 of the time. */
const readsImages = (node: Tensor): boolean =>
  node.is('conv2dKernelGrad') &&
  node.inputs[0].shape[1] <= 3 &&
  node.attrs.stride.every((step) => step === 1) &&
  node.attrs.groups === 1 &&
  node.dtype === 'float32';

const isFlat = (node: Tensor): boolean =>
  isFusable(node) && node.rank <= 1 && node.inputs.every(({ rank }) => rank <= 1);

/** The smallest stage of the wanted parity that is not before `stage`. */
const atLeast = (stage: number, onnx: boolean): number => (isOnnxStage(stage) === onnx ? stage : stage + 1);

/** Is a graph with these nodes to run in one wasm program? */
export type WholeOnWasm = (nodes: readonly Tensor[]) => boolean;

/** `change` is what a change of engine costs, in nanoseconds. */
export function partition({ outputs }: Graph, whole: WholeOnWasm = fitsWasm, change: number = rates.change): Partition {
  const nodes = topological(outputs);
  const free = freeNodes(nodes, outputs);
  const work = nodes.filter((node) => node.op !== 'parameter' && !free.has(node));
  if (whole(nodes)) {
    const nodesOfIt = work.filter((node) => !isView(node));
    return { stages: [nodesOfIt], stageOf: new Map(work.map((node) => [node, 0])), assembled: new Set(), free };
  }
  const fused = profitable(work, staged(work, outputs, isFusable).stageOf, change);
  const { stageOf, assembled } = staged(work, outputs, (node) => fused.has(node));
  const last = Math.max(0, ...stageOf.values());
  const stages = Array.from({ length: last + 1 }, (): Tensor[] => []);
  for (const node of work) if (!assembled.has(node) && !isView(node)) stages[stageOf.get(node) as number].push(node);
  return { stages, stageOf, assembled, free };
}

/** A flat concat: a buffer whose parts others write. */
const isAssembly = (node: Tensor): boolean => node.op === 'concat' && node.rank === 1;

/** Nodes that depend on no parameter. What the caller or an assembly asks for is work all the same: somebody must write it. */
function freeNodes(nodes: readonly Tensor[], outputs: readonly Tensor[]): Set<Tensor> {
  const free = new Set<Tensor>();
  for (const node of nodes) {
    const anywhere = node.op !== 'parameter' && !wasmOnly.has(node.op);
    if (anywhere && node.inputs.every((input) => free.has(input))) free.add(node);
  }
  const claim = (wanted: Tensor): void => {
    for (let node = wanted; free.delete(node) && isView(node); ) node = node.inputs[0];
  };
  outputs.forEach(claim);
  // From the outputs down: a claimed assembly claims its pieces, which may be assemblies.
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (isAssembly(nodes[i]) && !free.has(nodes[i])) nodes[i].inputs.forEach(claim);
  }
  // What reads a claimed node must wait for it.
  for (const node of nodes) if (free.has(node) && !node.inputs.every((input) => free.has(input))) free.delete(node);
  return free;
}

interface Staged {
  readonly stageOf: Map<Tensor, number>;
  readonly assembled: Set<Tensor>;
}

function staged(work: readonly Tensor[], outputs: readonly Tensor[], onWasm: (node: Tensor) => boolean): Staged {
  const { stageOf, assembled } = earliest(work, onWasm);
  sink(work, outputs, stageOf, assembled);
  return { stageOf, assembled };
}

function earliest(work: readonly Tensor[], onWasm: (node: Tensor) => boolean): Staged {
  const stageOf = new Map<Tensor, number>();
  const assembled = new Set<Tensor>();
  /** Decompositions, and what is made of them without a change of engine. */
  const decomposed = new Set<Tensor>();
  const staysWithDecomposition = (node: Tensor, ready: number): boolean =>
    !isOnnxStage(ready) &&
    node.rank > 1 &&
    (isFusable(node) || node.op === 'slice') &&
    node.inputs.some((input) => decomposed.has(baseOf(input)) && stageOf.get(input) === ready);
  for (const node of work) {
    // What an assembled input is made of is there only after its stage.
    const ready = Math.max(
      0,
      ...node.inputs.map((input) => (stageOf.get(input) ?? 0) + (assembled.has(baseOf(input)) ? 1 : 0)),
    );
    const produced = node.inputs.some((input) => stageOf.has(baseOf(input)));
    if (isView(node)) stageOf.set(node, stageOf.get(node.inputs[0]) ?? 0);
    else if (wasmOnly.has(node.op) || readsImages(node) || node.inputs.length === 0) {
      stageOf.set(node, atLeast(ready, false));
      if (isDecomposition(node)) decomposed.add(node);
    } else if (isAssembly(node)) {
      stageOf.set(node, ready);
      assembled.add(node);
    } else if (staysWithDecomposition(node, ready)) {
      stageOf.set(node, ready);
      decomposed.add(node);
    } else if (!isFlat(node)) stageOf.set(node, atLeast(ready, !onWasm(node)));
    else if (node.size >= bundleSize || node.inputs.some(({ size }) => size >= bundleSize) || !produced) {
      stageOf.set(node, atLeast(ready, false));
    } else stageOf.set(node, ready);
  }
  return { stageOf, assembled };
}

/** Its result is smaller than what it would keep in memory by waiting. */
const shrinks = ({ size, inputs }: Tensor): boolean => inputs.some((input) => input.rank > 1 && input.size > size);

/** Moves wasm nodes to the latest wasm stage that still precedes their users. */
function sink(
  work: readonly Tensor[],
  outputs: readonly Tensor[],
  stageOf: Map<Tensor, number>,
  assembled: ReadonlySet<Tensor>,
): void {
  const last = Math.max(0, ...stageOf.values());
  const latestWasm = isOnnxStage(last) ? last - 1 : last;
  const limit = new Map<Tensor, number>();
  const lower = (node: Tensor, stage: number) => limit.set(node, Math.min(limit.get(node) ?? Number.MAX_VALUE, stage));
  for (const output of outputs) lower(output, latestWasm);
  for (let i = work.length - 1; i >= 0; i--) {
    const node = work[i];
    const stage = stageOf.get(node) as number;
    const bound = limit.get(node) ?? stage;
    const sinks = !isOnnxStage(stage) && !assembled.has(node) && !isView(node) && !shrinks(node);
    // A view has no place of its own: it passes its users' limit on to what it views.
    const mine = sinks ? Math.max(stage, bound - (isOnnxStage(bound) ? 1 : 0)) : stage;
    if (sinks) stageOf.set(node, mine);
    for (const input of node.inputs) lower(input, isView(node) ? bound : mine);
  }
  // Views follow what they view.
  for (const node of work) if (isView(node)) stageOf.set(node, stageOf.get(node.inputs[0]) ?? 0);
}
