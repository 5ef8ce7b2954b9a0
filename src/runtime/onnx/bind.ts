import type { DType } from '../../tensor/dtype.ts';
import { formatShape, type Shape, sameShape } from '../../tensor/shape.ts';
import { type Allocate, type Buffer, type Call, EngineError, type TypedArray } from '../engine.ts';
import { type Heap, HeapBuffer } from '../heap.ts';
import type { Binding, Program } from './lower.ts';
import type { Feeds, Session } from './session-types.ts';

/** A result that ONNX Runtime must not write in place, for it still reads what lies there. */
interface Detour {
  readonly from: Buffer;
  readonly to: Buffer;
}

interface Tensors {
  readonly feeds: Feeds;
  readonly fetches: Feeds;
}

function tensorOf(Tensor: Session['Tensor'], { type, shape, name }: Binding, data: TypedArray): Feeds[string] {
  if (data instanceof Float32Array && type === 'float32') return new Tensor('float32', data, shape);
  if (data instanceof Float64Array && type === 'float64') return new Tensor('float64', data, shape);
  if (data instanceof Int32Array && type === 'int32') return new Tensor('int32', data, shape);
  if (data instanceof Uint8Array && (type === 'uint8' || type === 'bool')) return new Tensor(type, data, shape);
  throw new EngineError(`onnx: ${name} holds ${type}, its buffer a ${data.constructor.name}`);
}

const overlap = (a: TypedArray, b: TypedArray): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** Tensors over the buffers' memory as it lies now. */
function tensorsOver(
  { Tensor }: Session,
  { inputs, outputs }: Program,
  given: readonly Buffer[],
  wanted: readonly Buffer[],
): Tensors {
  const over = (bindings: readonly Binding[], buffers: readonly Buffer[]): Feeds =>
    Object.fromEntries(
      bindings.map((binding) => [binding.name, tensorOf(Tensor, binding, buffers[binding.position].data)]),
    );
  return { feeds: over(inputs, given), fetches: over(outputs, wanted) };
}

function check(kind: string, wanted: readonly { shape: Shape; dtype: DType }[], buffers: readonly Buffer[]): void {
  if (wanted.length !== buffers.length) {
    throw new EngineError(`onnx: the graph has ${wanted.length} ${kind}s, but ${buffers.length} buffers are bound`);
  }
  for (const [i, { shape, dtype }] of wanted.entries()) {
    const buffer = buffers[i];
    if (buffer.dtype === dtype && sameShape(buffer.shape, shape)) continue;
    const found = `${buffer.dtype}${formatShape(buffer.shape)}`;
    throw new EngineError(`onnx: ${kind} ${i} is ${dtype}${formatShape(shape)}, its buffer ${found}`);
  }
}

const land = (detours: readonly Detour[]): void => {
  for (const { from, to } of detours) to.data.set(from.data);
};

export interface Signature {
  readonly inputs: readonly { readonly shape: Shape; readonly dtype: DType }[];
  readonly outputs: readonly { readonly shape: Shape; readonly dtype: DType }[];
}

/** Ties a session to buffers. Tensors over them are made once, and again only after the heap moved. */
export function bindBuffers(
  heap: Heap,
  program: Program,
  signature: Signature,
  session: Session | null,
  inputs: readonly Buffer[],
  outputs: readonly Buffer[],
  allocate: Allocate,
): Call {
  check('input', signature.inputs, inputs);
  check('output', signature.outputs, outputs);
  if (!session) return () => {};
  const sources = program.inputs.map(({ position }) => inputs[position].data);
  const overlapping = outputs.map(({ data }) => sources.some((source) => overlap(source, data)));
  const targets = outputs.map((to, i) => (overlapping[i] ? allocate(to.shape, to.dtype) : to));
  const detours: Detour[] = targets.flatMap((from, i) => (from === outputs[i] ? [] : [{ from, to: outputs[i] }]));
  // Other engines' buffers may move whenever they like.
  const onHeap = [...inputs, ...targets].every((buffer) => buffer instanceof HeapBuffer && buffer.heap === heap);
  let run: Call | undefined;
  let generation: unknown;

  return () => {
    if (!run || !onHeap || generation !== heap.generation) {
      const { feeds, fetches } = tensorsOver(session, program, inputs, targets);
      run = session.bind(feeds, fetches);
      generation = heap.generation;
    }
    const running = run();
    return running ? running.then(() => land(detours)) : land(detours);
  };
}
