import type { Graph } from '../../tensor/graph.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Allocate, Buffer, Call, Engine, Executable } from '../engine.ts';
import type { Heap, HeapBuffer } from '../heap.ts';
import { simplify } from '../simplify.ts';
import { structureKey } from '../structure.ts';
import { fitsWasm, rates } from './cost.ts';
import { buffersFor, type Lifetime } from './lifetimes.ts';
import { type Partition, partition, type WholeOnWasm } from './partition.ts';
import { type Place, placeOf, type Segment, segmentsOf } from './segments.ts';
import { baseOf } from './views.ts';

/** The engines that `auto` joins, made when first needed. */
export interface NativeEngines {
  readonly onnx: () => Promise<Engine>;
  readonly wasm: () => Promise<Engine>;
}

type Rule = WholeOnWasm | Promise<WholeOnWasm>;

/**
 * Joins ONNX Runtime and wasm by the rule written in `partition.ts` and `cost.ts`; both work on the buffers of one heap. `whole` says
 * which graphs run on wasm alone, `change` what a change of engine costs (nanoseconds).
 */
export function createAutoEngine(
  heap: Heap,
  native: NativeEngines,
  whole: Rule = fitsWasm,
  change: number = rates.change,
): Engine {
  const cache = new Map<string, Promise<Executable>>();
  return {
    name: 'auto',
    allocate: (shape, dtype) => heap.allocate(shape, dtype),
    compile(graph) {
      const simple = simplify(graph, 'kernels');
      const key = structureKey(simple);
      let found = cache.get(key);
      if (!found) {
        found = Promise.resolve(whole).then((rule) => compile(partition(simple, rule, change), simple, heap, native));
        cache.set(key, found);
      }
      return found;
    },
  };
}

interface CompiledSegment extends Segment {
  readonly executable: Executable;
}

async function compile(part: Partition, graph: Graph, heap: Heap, native: NativeEngines): Promise<Executable> {
  const segments = segmentsOf(part, keptNodes(graph, part.stages.flat(), part));
  const compiled = await Promise.all(
    segments.map(async (segment) => {
      const engine = await native[segment.engine]();
      return { ...segment, executable: await engine.compile(segment.graph) };
    }),
  );
  const own: Allocate = (shape, dtype) => heap.allocate(shape, dtype);
  return { bind: (inputs, outputs, allocate = own) => bind(graph, compiled, part, allocate, inputs, outputs) };
}

/** What later stages, assembled tensors or the caller read: it needs a buffer. */
function keptNodes(graph: Graph, computed: readonly Tensor[], part: Partition): Set<Tensor> {
  const kept = new Set<Tensor>(graph.outputs.map(baseOf));
  for (const node of computed) {
    for (const input of node.inputs) {
      const base = baseOf(input);
      if (part.stageOf.get(base) !== part.stageOf.get(node)) kept.add(base);
    }
  }
  for (const node of part.assembled) for (const piece of node.inputs) kept.add(baseOf(piece));
  return kept;
}

function bind(
  graph: Graph,
  segments: readonly CompiledSegment[],
  part: Partition,
  allocate: Allocate,
  inputs: readonly Buffer[],
  outputs: readonly Buffer[],
): Call {
  const home = new Map<Tensor, HeapBuffer>();
  graph.inputs.forEach((input, i) => {
    home.set(input, inputs[i] as HeapBuffer);
  });
  const copies: { after: number; from: Place; to: HeapBuffer }[] = [];
  const end = part.stages.length;
  const lastRead = lastReads(graph, segments, part);

  // An output is written where the caller wants it, unless that place is still read by a later stage.
  graph.outputs.forEach((output, i) => {
    const to = outputs[i] as HeapBuffer;
    const stage = part.stageOf.get(output);
    const overwrites = graph.inputs.filter((_, j) => overlaps(inputs[j] as HeapBuffer, to));
    const safe = overwrites.every((input) => (lastRead.get(input) ?? -1) <= (stage ?? -1));
    const computed = stage !== undefined && baseOf(output) === output && !part.assembled.has(output);
    if (computed && safe && !home.has(output)) home.set(output, to);
    else if (part.assembled.has(output) && overwrites.length === 0 && !home.has(output)) home.set(output, to);
    else copies.push({ after: end, from: placeOf(output), to });
  });

  // The pieces of an assembled tensor are written to their places; what has a place already is copied there.
  const within = new Map<Tensor, { whole: Tensor; start: number }>();
  const copied: { whole: Tensor; start: number; piece: Tensor }[] = [];
  for (const whole of part.assembled) {
    let start = 0;
    for (const piece of whole.inputs) {
      const base = baseOf(piece);
      const placed = !part.stageOf.has(base) || part.assembled.has(base) || home.has(base) || within.has(base);
      if (placed || base.size !== piece.size) copied.push({ whole, start, piece });
      else within.set(base, { whole, start });
      start += piece.size;
    }
  }
  const lifetimes = lifetimesOf(segments, part, within, lastRead).filter(({ node }) => !home.has(node));
  for (const [node, buffer] of buffersFor(lifetimes, allocate)) home.set(node, buffer);
  const partOf = (whole: Tensor, start: number, shape: Shape) => (home.get(whole) as HeapBuffer).part(start, shape);
  for (const [base, { whole, start }] of within) home.set(base, partOf(whole, start, base.shape));
  for (const { whole, start, piece } of copied) {
    const to = partOf(whole, start, piece.shape);
    copies.push({ after: part.stageOf.get(whole) as number, from: placeOf(piece), to });
  }

  const at = ({ node, base, start }: Place): HeapBuffer => {
    const buffer = home.get(base) as HeapBuffer;
    return start === 0 && node === base ? buffer : buffer.part(start, node.shape);
  };
  const calls: Call[] = [];
  const stages = new Set([...segments.map(({ stage }) => stage), ...copies.map(({ after }) => after)]);
  for (const stage of [...stages].sort((a, b) => a - b)) {
    for (const segment of segments.filter((s) => s.stage === stage)) {
      calls.push(
        segment.executable.bind(
          segment.inputs.map(at),
          segment.outputs.map((node) => at(placeOf(node))),
          allocate,
        ),
      );
    }
    const due = copies
      .filter(({ after }) => after === stage)
      .map(({ from, to }) => ({ from: at(from), to }))
      .filter(({ from, to }) => from.offset !== to.offset);
    if (due.length > 0) calls.push(copyAll(due, allocate));
  }
  return sequence(calls);
}

/** The last stage that reads each graph input; one that is also an output is read at the very end. */
function lastReads(graph: Graph, segments: readonly Segment[], part: Partition): Map<Tensor, number> {
  const last = new Map<Tensor, number>();
  const read = (base: Tensor, stage: number) => last.set(base, Math.max(last.get(base) ?? -1, stage));
  for (const { inputs, stage } of segments) for (const { base } of inputs) read(base, stage);
  for (const node of part.assembled) {
    // Pieces are copied after the calls of the stage.
    for (const piece of node.inputs) read(baseOf(piece), (part.stageOf.get(node) as number) + 0.5);
  }
  for (const output of graph.outputs) read(baseOf(output), part.stages.length);
  return last;
}

/** When stages need memory for what they make and what is assembled of it, but for what lies `within` assembled tensors. */
function lifetimesOf(
  segments: readonly Segment[],
  { stageOf, assembled }: Partition,
  within: ReadonlyMap<Tensor, { readonly whole: Tensor }>,
  lastRead: ReadonlyMap<Tensor, number>,
): Lifetime[] {
  const last = new Map<Tensor, number>(lastRead);
  for (const [base, { whole }] of within) last.set(whole, Math.max(last.get(whole) ?? -1, last.get(base) ?? -1));
  const stages = (nodes: readonly Tensor[]) => nodes.map((node) => stageOf.get(node) ?? Number.MAX_VALUE);
  const life = (node: Tensor, from: number) => ({ node, from, to: last.get(node) ?? from });
  return [
    ...[...assembled].map((node) => life(node, Math.min(...stages([node, ...node.inputs])))),
    ...segments.flatMap(({ outputs, stage }) =>
      outputs.filter((node) => !within.has(node)).map((node) => life(node, stage)),
    ),
  ];
}

const overlaps = (a: HeapBuffer, b: HeapBuffer): boolean =>
  a.heap === b.heap && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;

/** Outputs may exchange places: a source over which another copy writes is saved first. */
function copyAll(copies: readonly { from: HeapBuffer; to: HeapBuffer }[], allocate: Allocate): Call {
  const moves = copies.map(({ from, to }) => {
    const endangered = copies.some((other) => other.to !== to && overlaps(from, other.to));
    return { from, to, saved: endangered ? allocate(from.shape, from.dtype) : from };
  });
  return () => {
    for (const { from, saved } of moves) if (saved !== from) saved.data.set(from.data);
    for (const { saved, to } of moves) to.data.set(saved.data);
  };
}

/** Runs calls one after another; synchronous as long as they are. */
function sequence(calls: readonly Call[]): Call {
  if (calls.length === 1) return calls[0];
  const from = (start: number): void | Promise<void> => {
    for (let i = start; i < calls.length; i++) {
      const pending = calls[i]();
      if (pending) return pending.then(() => from(i + 1));
    }
  };
  return () => from(0);
}
