import { openSession } from '#runtime/onnx/session';
import { type Graph, topological } from '../../tensor/graph.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { onnxTime } from '../auto/cost.ts';
import { type Allocate, type Engine, EngineError, type Executable } from '../engine.ts';
import type { Heap } from '../heap.ts';
import { simplify } from '../simplify.ts';
import { structureKey } from '../structure.ts';
import { bindBuffers } from './bind.ts';
import { blockSize } from './block-size.ts';
import { lower, type Program } from './lower.ts';
import { encodeModel } from './proto.ts';
import { type Model, type Session, type SessionOptions, uncopied } from './session-types.ts';

/** How ONNX Runtime computes. */
export type OnnxOptions = SessionOptions;

async function compile(heap: Heap, graph: Graph, options: OnnxOptions): Promise<Executable> {
  const simple = simplify(graph);
  const program = lower(simple, await blockSize(options));
  const nodes = topological(simple.outputs);
  const needs = {
    float64: nodes.some(({ dtype }) => dtype === 'float64'),
    small: nodes.every((node) => onnxTime(node) < worthWaking),
  };
  const session = program.outputs.length === 0 ? null : await open(program, needs, options);
  const of = ({ shape, dtype }: Graph['outputs'][number]) => ({ shape, dtype });
  const signature = { inputs: graph.inputs.map(of), outputs: graph.outputs.map(of) };
  const own: Allocate = (shape, dtype) => heap.allocate(shape, dtype);
  return {
    bind: (inputs, outputs, allocate = own) =>
      bindBuffers(heap, program, signature, session, inputs, outputs, allocate),
  };
}

/** Nanoseconds of a node for which a second thread, which sleeps between nodes, is worth to be woken. */
const worthWaking = 50_000;

/** Results of fewer bytes are copied sooner than the copying is avoided. */
const worthAvoiding = 1 << 16;

async function open(
  { model, outputs }: Program,
  needs: Pick<Model, 'float64' | 'small'>,
  options: OnnxOptions,
): Promise<Session> {
  const bytes = outputs.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  const stops = bytes >= worthAvoiding;
  try {
    const serialized = encodeModel({ ...model, ...(stops && { sequence: uncopied }) });
    return await openSession({ bytes: serialized, stops, ...needs }, options);
  } catch (error) {
    throw new EngineError(`ONNX Runtime refuses the lowered graph: ${String(error)}`, { cause: error });
  }
}

/** Runs graphs with ONNX Runtime on the CPU, over buffers that lie in `heap`. Programs are cached by their structure. */
export function createOnnxEngine(heap: Heap, options: OnnxOptions = {}): Engine {
  const compiled = new Map<string, Promise<Executable>>();
  return {
    name: 'onnx',
    allocate: (shape, dtype) => heap.allocate(shape, dtype),
    compile(graph) {
      const key = structureKey(graph);
      const found = compiled.get(key);
      if (found) return found;
      const made = compile(heap, graph, options);
      compiled.set(key, made);
      made.catch(() => compiled.delete(key));
      return made;
    },
  };
}
