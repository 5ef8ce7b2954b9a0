import type { DType } from '../../tensor/dtype.ts';
import type { Graph } from '../../tensor/graph.ts';
import { formatShape, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts';
import { type Allocate, type Buffer, type Engine, EngineError, type Executable } from '../engine.ts';
import { type Heap, HeapBuffer } from '../heap.ts';
import { structureKey } from '../structure.ts';
import { Addresses } from './addresses.ts';
import { loadBinaryen } from './assembler.ts';
import { hasMadd } from './features.ts';
import { generate } from './generate.ts';
import { hostImports, type Share } from './host.ts';
import type { Value } from './ir.ts';
import { type Kernel, kernelName } from './kernel.ts';
import { type LinearAlgebra, loadLinearAlgebra } from './linear-algebra.ts';
import { type Plan, plan } from './plan.ts';
import { defaultTaskTime, type Sharing } from './split.ts';
import type { Perform } from './tasks.ts';
import { Threads } from './threads.ts';

export { plan } from './plan.ts';

/** What is compiled once for a structure and shared by all its executables. */
interface Program {
  readonly plan: Plan;
  readonly run: (frame: number) => void;
  readonly constants: HeapBuffer;
}

export interface WasmOptions {
  /** Threads that compute, the calling one among them. Default 1; more need a shared heap. */
  readonly threads?: number;
  /** Nanoseconds that a task should at least take: smaller kernels are not shared. */
  readonly taskTime?: number;
  /** Fused multiply-add; default: where the machine has it. */
  readonly madd?: boolean;
}

/**
 * Compiles whole graphs to WebAssembly SIMD over one heap. Element-wise regions are fused into kernels that touch each element once;
 * a call is one synchronous call into the module and allocates nothing. Threads share large kernels; they start with the first program
 * that has one.
 */
export function createWasmEngine(heap: Heap, options: WasmOptions = {}): Engine {
  const programs = new Map<string, Promise<Program>>();
  const { threads = 1, taskTime = defaultTaskTime, madd = hasMadd } = options;
  const sharing = { threads: heap.shared ? threads : 1, taskTime };
  let team: Threads | undefined;
  const start = (): Threads => {
    team ??= new Threads(heap.memory, sharing.threads - 1);
    return team;
  };
  return {
    name: 'wasm',
    allocate: (shape, dtype) => heap.allocate(shape, dtype),
    compile: async (graph) => {
      const key = structureKey(graph);
      let program = programs.get(key);
      if (!program) {
        program = build(heap, graph, sharing, madd, start);
        programs.set(key, program);
        program.catch(() => programs.delete(key));
      }
      return executable(heap, await program);
    },
  };
}

async function build(
  heap: Heap,
  graph: Graph,
  sharing: Sharing,
  madd: boolean,
  start: () => Threads,
): Promise<Program> {
  const loading = loadBinaryen();
  const planned = plan(graph, sharing);
  const binary = generate(await loading, planned, { madd, shared: heap.shared });
  const module = await WebAssembly.compile(binary);
  const shares = planned.kernels.some(({ split }) => split);
  const decomposes = planned.kernels.some(({ kind }) => kind === 'decompositions');
  const algebra = decomposes ? await loadLinearAlgebra(madd) : undefined;
  const share = shares ? sharedBy(start(), module, algebra, planned.kernels, () => instance.exports) : undefined;
  const host = hostImports(heap.memory, share, algebra);
  const instance: WebAssembly.Instance = await WebAssembly.instantiate(module, { host });
  return {
    plan: planned,
    run: instance.exports.run as (frame: number) => void,
    constants: writeConstants(heap, planned),
  };
}

/** How a program hands its shared kernels to threads. */
function sharedBy(
  team: Threads,
  module: WebAssembly.Module,
  algebra: LinearAlgebra | undefined,
  kernels: readonly Kernel[],
  own: () => WebAssembly.Exports,
): Share {
  const program = team.add(module, algebra?.module);
  const perform: Perform = ({ kernel, frame }, from, to) => {
    const compute = own()[kernelName(kernel)] as (...args: number[]) => void;
    compute(frame, from, to, 0);
  };
  return (kernel, frame) => {
    const { split } = kernels[kernel];
    if (split) team.run({ program, kernel, frame, ...split }, perform);
  };
}

function writeConstants(heap: Heap, { constants, constantBytes, homes }: Plan): HeapBuffer {
  const memory = heap.allocate([constantBytes], 'uint8');
  for (const value of constants) {
    const home = homes.get(value);
    if (home?.space !== 'constant') continue;
    const view = new HeapBuffer(heap, memory.offset + home.offset, value.shape, value.dtype);
    view.data.set(value.dtype === 'bool' ? value.values.map((n) => Number(n !== 0)) : value.values);
  }
  return memory;
}

function executable(heap: Heap, program: Program): Executable {
  const own: Allocate = (shape, dtype) => heap.allocate(shape, dtype);
  return {
    bind(inputs, outputs, allocate = own) {
      const { plan, run, constants } = program;
      const from = checked(heap, 'input', plan.inputs, inputs);
      const to = checked(heap, 'output', plan.outputs, outputs);
      const take = (shape: Shape, dtype: DType): HeapBuffer =>
        checked(heap, 'scratch', [{ shape, dtype }], [allocate(shape, dtype)])[0];
      const addresses = new Addresses(plan);
      const frame = take([addresses.frameBytes], 'uint8');
      // An output that lies over an input still needed goes through memory of its own and is copied at the end.
      const detours = to.filter((output, j) => !from.every((input, i) => allows(input, output, plan.sharing[j][i])));
      const targets = to.map((output) => (detours.includes(output) ? take(output.shape, output.dtype) : output));
      const slots = new Int32Array(heap.memory.buffer, frame.offset, addresses.header / 4);
      from.forEach((buffer, i) => {
        slots[addresses.input(i) / 4] = buffer.offset;
      });
      targets.forEach((buffer, j) => {
        slots[addresses.output(j) / 4] = buffer.offset;
      });
      slots[addresses.constants / 4] = constants.offset;
      const { offset } = frame;
      if (detours.length === 0) return () => run(offset);
      const moves = to.map((output, j) => ({ output, own: targets[j] })).filter(({ output, own }) => output !== own);
      return () => {
        run(offset);
        for (const { output, own } of moves) output.data.set(own.data);
      };
    },
  };
}

/** Whether an output may be written directly, given where an input lies. */
function allows(input: HeapBuffer, output: HeapBuffer, may: { same: boolean; overlap: boolean }): boolean {
  const apart = input.offset + input.bytes <= output.offset || output.offset + output.bytes <= input.offset;
  return apart || may.overlap || (may.same && input.offset === output.offset);
}

function checked(
  heap: Heap,
  kind: 'input' | 'output' | 'scratch',
  values: readonly Pick<Value, 'shape' | 'dtype'>[],
  buffers: readonly Buffer[],
): HeapBuffer[] {
  if (values.length !== buffers.length) {
    throw new EngineError(`wasm: the graph has ${values.length} ${kind}s, but ${buffers.length} are bound`);
  }
  return buffers.map((buffer, i) => {
    const { shape, dtype } = values[i];
    if (!(buffer instanceof HeapBuffer) || buffer.heap !== heap) {
      throw new EngineError(`wasm: ${kind} ${i} does not lie in this engine's heap; allocate it there`);
    }
    if (buffer.dtype !== dtype || !sameSize(buffer, values[i])) {
      throw new EngineError(
        `wasm: ${kind} ${i} is ${dtype}${formatShape(shape)}, not ${buffer.dtype}${formatShape(buffer.shape)}`,
      );
    }
    return buffer;
  });
}

const sameSize = (a: { shape: readonly number[] }, b: { shape: readonly number[] }): boolean =>
  sameShape(a.shape, b.shape) || sizeOf(a.shape) === sizeOf(b.shape);
