import { bytesPerElement, type DType } from '../tensor/dtype.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { type Buffer, EngineError, type TypedArray } from './engine.ts';
import { Space } from './space.ts';

const pageBytes = 65536;
const maxPages = 65536;
/** One cache line; also what AVX-512 loads like best. */
const alignment = 64;
/** Where tensors begin: address 0 stays unused. */
const start = alignment;

/** A tensor's place in a heap. */
export class HeapBuffer implements Buffer {
  readonly heap: Heap;
  /** Where it begins in the heap's memory, in bytes. */
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: DType;
  private view: TypedArray | undefined;

  constructor(heap: Heap, offset: number, shape: Shape, dtype: DType) {
    this.heap = heap;
    this.offset = offset;
    this.shape = shape;
    this.dtype = dtype;
  }

  get bytes(): number {
    return sizeOf(this.shape) * bytesPerElement[this.dtype];
  }

  get data(): TypedArray {
    const { buffer } = this.heap.memory;
    if (this.view?.buffer !== buffer) this.view = viewOf(buffer, this.offset, sizeOf(this.shape), this.dtype);
    return this.view;
  }

  /** Consecutive elements from `start` on, under another shape; no copy. */
  part(start: number, shape: Shape): HeapBuffer {
    return new HeapBuffer(this.heap, this.offset + start * bytesPerElement[this.dtype], shape, this.dtype);
  }
}

function viewOf(buffer: ArrayBufferLike, offset: number, length: number, dtype: DType): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, offset, length);
    case 'float64':
      return new Float64Array(buffer, offset, length);
    case 'int32':
      return new Int32Array(buffer, offset, length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, offset, length);
  }
}

/**
 * One WebAssembly memory that the wasm kernels and ONNX Runtime share without copies; the threads of the wasm engine too when it is
 * `shared`: its buffer is a SharedArrayBuffer then. Grows as needed.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  private readonly space = new Space();
  /** Bytes of each live allocation, by offset. */
  private readonly live = new Map<number, number>();

  constructor({ shared = false } = {}) {
    this.shared = shared;
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: maxPages, shared });
  }

  /** Bytes now allocated. */
  get bytesInUse(): number {
    let sum = 0;
    for (const bytes of this.live.values()) sum += bytes;
    return sum;
  }

  /** Another object whenever the memory grew: views taken before are dead then, unless it is shared. */
  get generation(): ArrayBufferLike {
    return this.memory.buffer;
  }

  allocate(shape: Shape, dtype: DType): HeapBuffer {
    const bytes = roundUp(Math.max(1, sizeOf(shape)) * bytesPerElement[dtype]);
    const buffer = new HeapBuffer(this, this.place(bytes), shape, dtype);
    this.live.set(buffer.offset, bytes);
    buffer.data.fill(0);
    return buffer;
  }

  /** Gives a whole allocation back; a part of one, or what was given back before, is refused. */
  release(buffer: HeapBuffer): void {
    const bytes = roundUp(Math.max(1, sizeOf(buffer.shape)) * bytesPerElement[buffer.dtype]);
    if (this.live.get(buffer.offset) !== bytes) {
      throw new EngineError(`no allocation of ${bytes} bytes is live at ${buffer.offset}`);
    }
    this.live.delete(buffer.offset);
    this.space.give(buffer.offset - start, bytes);
  }

  private place(bytes: number): number {
    const place = this.space.take(bytes);
    try {
      this.reach(start + place + bytes);
    } catch (error) {
      this.space.give(place, bytes);
      throw error;
    }
    return start + place;
  }

  /** Grows the memory until it ends at `end` or later. */
  private reach(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    const pages = Math.ceil(missing / pageBytes);
    const have = this.memory.buffer.byteLength / pageBytes;
    if (have + pages > maxPages) throw new EngineError(`the heap is full: ${missing} bytes more would pass 4 GiB`);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw new EngineError(`the machine has no ${missing} bytes more for tensors`, { cause });
    }
  }
}

const roundUp = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;
