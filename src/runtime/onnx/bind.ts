import { Tensor } from 'onnxruntime-node';
import type { DType } from '../../tensor/dtype.ts';
import { formatShape, type Shape, sameShape } from '../../tensor/shape.ts';
import { type Buffer, type Call, EngineError, type TypedArray } from '../engine.ts';
import { type Heap, HeapBuffer } from '../heap.ts';
import type { Binding, Program } from './lower.ts';
import type { Feeds, Run } from './session.ts';

/** A result that ONNX Runtime must not write in place, for it still reads what lies there. */
interface Detour {
  readonly from: TypedArray;
  readonly to: TypedArray;
}

interface Tensors {
  readonly feeds: Feeds;
  readonly fetches: Feeds;
  readonly detours: readonly Detour[];
}

function tensorOf({ type, shape, name }: Binding, data: TypedArray): Tensor {
  if (data instanceof Float32Array && type === 'float32') return new Tensor('float32', data, shape);
  if (data instanceof Float64Array && type === 'float64') return new Tensor('float64', data, shape);
  if (data instanceof Int32Array && type === 'int32') return new Tensor('int32', data, shape);
  if (data instanceof Uint8Array && (type === 'uint8' || type === 'bool')) return new Tensor(type, data, shape);
  throw new EngineError(`onnx: ${name} holds ${type}, its buffer a ${data.constructor.name}`);
}

const overlap = (a: TypedArray, b: TypedArray): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** Tensors over the buffers' memory as it lies now. */
function tensorsOver({ inputs, outputs }: Program, given: readonly Buffer[], wanted: readonly Buffer[]): Tensors {
  const feeds: Record<string, Tensor> = {};
  const fetches: Record<string, Tensor> = {};
  const detours: Detour[] = [];
  const sources: TypedArray[] = [];
  for (const input of inputs) {
    const { data } = given[input.position];
    sources.push(data);
    feeds[input.name] = tensorOf(input, data);
  }
  for (const output of outputs) {
    const { data } = wanted[output.position];
    const apart = sources.some((source) => overlap(source, data)) ? data.slice() : data;
    if (apart !== data) detours.push({ from: apart, to: data });
    fetches[output.name] = tensorOf(output, apart);
  }
  return { feeds, fetches, detours };
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
  for (const { from, to } of detours) to.set(from);
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
  run: Run | null,
  inputs: readonly Buffer[],
  outputs: readonly Buffer[],
): Call {
  check('input', signature.inputs, inputs);
  check('output', signature.outputs, outputs);
  if (!run) return () => {};
  // Other engines' buffers may move whenever they like.
  const onHeap = [...inputs, ...outputs].every((buffer) => buffer instanceof HeapBuffer && buffer.heap === heap);
  let tensors: Tensors | undefined;
  let generation: unknown;

  return () => {
    if (!tensors || !onHeap || generation !== heap.generation) {
      tensors = tensorsOver(program, inputs, outputs);
      generation = heap.generation;
    }
    const { feeds, fetches, detours } = tensors;
    const running = run(feeds, fetches);
    return running ? running.then(() => land(detours)) : land(detours);
  };
}
