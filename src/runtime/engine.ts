import type { DType } from '../tensor/dtype.ts';
import type { Graph } from '../tensor/graph.ts';
import type { Shape } from '../tensor/shape.ts';

export type EngineName = 'reference' | 'onnx' | 'wasm' | 'auto';

/** float32, float64, int32 and uint8 or bool. The reference engine holds every float in a Float64Array. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The memory of one tensor, row-major. */
export interface Buffer {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The numbers themselves. Ask for it at each use: a growing heap moves the view. */
  readonly data: TypedArray;
}

/** One bound computation: reads its input buffers, writes its output buffers. Await only what is a promise. */
export type Call = () => void | Promise<void>;

/** A compiled graph. It depends on structure only, never on the numbers or on where they lie. */
export interface Executable {
  /**
   * Fixes the buffers, in the order of the graph's inputs and outputs, so that a call copies nothing and allocates nothing that can
   * be had before. An output buffer may also be an input buffer (an update in place): every input is read as it was before the call.
   * Scratch memory is taken by `allocate` (the engine's own by default), so that whoever binds can give it back.
   */
  bind(inputs: readonly Buffer[], outputs: readonly Buffer[], allocate?: Allocate): Call;
}

/** Makes zero-filled memory. */
export type Allocate = (shape: Shape, dtype: DType) => Buffer;

/** Compiles and runs graphs without `random` leaves (the runtime makes those inputs). */
export interface Engine {
  readonly name: EngineName;
  /** Zero-filled memory that this engine can read and write in place. */
  allocate(shape: Shape, dtype: DType): Buffer;
  /** Compiles, or finds the graph's structure in the cache. */
  compile(graph: Graph): Promise<Executable>;
}

/** An op, dtype or size that an engine cannot take. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
