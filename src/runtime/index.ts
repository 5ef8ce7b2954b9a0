export type { Allocate, Buffer, Call, Engine, EngineName, Executable, TypedArray } from './engine.ts';
export { EngineError } from './engine.ts';
export { Heap, HeapBuffer } from './heap.ts';
export type { BrowserOptions } from './onnx/session-types.ts';
export { PlatformError } from './platform.ts';
export { fillRandom, type RandomKey, randomPermutation } from './random.ts';
export { evaluate, referenceEngine } from './reference/index.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
