import { chooseRule } from '#runtime/auto/rule';
import { createAutoEngine } from './auto/index.ts';
import type { Buffer, Engine, EngineName } from './engine.ts';
import { Heap, type HeapBuffer } from './heap.ts';
import type { BrowserOptions } from './onnx/session-types.ts';
import { referenceEngine } from './reference/index.ts';
import { hasThreads } from './wasm/threads.ts';

export interface RuntimeOptions {
  /** Default 'auto': ONNX Runtime and wasm together, by a cost rule (in a browser wasm alone). The others force one engine. */
  readonly engine?: EngineName;
  /** Threads that compute, in ONNX Runtime and in wasm kernels where the platform lets them share memory. Default: one for each core. */
  readonly threads?: number;
  readonly browser?: BrowserOptions;
}

/** An engine, its memory, and its cache of compiled programs. Runs that share a runtime compile each program once. */
export interface Runtime {
  readonly engine: Engine;
  readonly options: Required<Pick<RuntimeOptions, 'engine'>> & RuntimeOptions;
  /** Gives a buffer's memory back. Nothing bound to it may be called again. */
  release(buffer: Buffer): void;
  /** Bytes of tensors now held for this runtime; 0 for the reference engine, whose arrays the garbage collector owns. */
  readonly bytesInUse: number;
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** Makes an engine that is loaded at its first compilation. */
const lazy = (name: EngineName, heap: Heap, load: () => Promise<Engine>): Engine => ({
  name,
  allocate: (shape, dtype) => heap.allocate(shape, dtype),
  compile: async (graph) => (await load()).compile(graph),
});

/** Can engine and threads work on one memory? Before Node 24, native code such as ONNX Runtime refuses a SharedArrayBuffer. */
const takesSharedMemory = (engine: EngineName): boolean =>
  hasThreads() && (engine === 'wasm' || Number.parseInt(process.versions.node, 10) >= 24);

export function createRuntime(options: RuntimeOptions = {}): Runtime {
  const engine = options.engine ?? 'auto';
  if (engine === 'reference') {
    return { engine: referenceEngine, options: { ...options, engine }, release: () => {}, bytesInUse: 0 };
  }
  const threads = options.threads ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  const heap = new Heap({ shared: threads > 1 && takesSharedMemory(engine) });
  const onnx = once(async () => (await import('./onnx/index.ts')).createOnnxEngine(heap, options));
  const wasm = once(async () => (await import('./wasm/index.ts')).createWasmEngine(heap, { threads }));
  const make = (): Engine => {
    if (engine === 'onnx') return lazy(engine, heap, onnx);
    if (engine === 'wasm') return lazy(engine, heap, wasm);
    return createAutoEngine(heap, { onnx, wasm }, chooseRule(options.browser));
  };
  return {
    engine: make(),
    options: { ...options, engine },
    release: (buffer) => heap.release(buffer as HeapBuffer),
    get bytesInUse() {
      return heap.bytesInUse;
    },
  };
}
