export type { Allocate, Buffer, Call, Engine, EngineName, Executable, TypedArray } from './engine.ts';
export { EngineError } from './engine.ts';
export { Heap, HeapBuffer } from './heap.ts';
export { fillRandom, type RandomKey, randomPermutation } from './random.ts';
export { evaluate, referenceEngine } from './reference/index.ts';
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime.ts';
