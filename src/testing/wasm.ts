import type { Buffer, Engine, TypedArray } from '../runtime/engine.ts';
import { Heap } from '../runtime/heap.ts';
import { evaluate } from '../runtime/reference/index.ts';
import { createWasmEngine } from '../runtime/wasm/index.ts';
import { parameter } from '../tensor/functions.ts';
import type { Graph } from '../tensor/graph.ts';
import type { Tensor } from '../tensor/tensor.ts';

// What the tests of the wasm engine share.

export const testEngine = (): Engine => createWasmEngine(new Heap());

export const float32 = (name: string, ...shape: number[]): Tensor<'parameter'> => parameter(name, shape);
export const float64 = (name: string): Tensor<'parameter'> => parameter(name, [], 'float64');

export function filled(engine: Engine, { shape, dtype }: Tensor, numbers: readonly number[]): Buffer {
  const buffer = engine.allocate(shape, dtype);
  buffer.data.set(numbers);
  return buffer;
}

/** Numbers that repeat nowhere and are exact in float32. */
export const spread = (count: number, scale = 1): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(scale * Math.sin(1 + i * 1.7)));

/** Compiles, binds and calls once. Output j is written over input over[j], or to a fresh buffer. */
export async function runOnce(
  engine: Engine,
  graph: Graph,
  numbers: readonly (readonly number[])[],
  over: readonly (number | null)[] = [],
): Promise<TypedArray[]> {
  const executable = await engine.compile(graph);
  const from = graph.inputs.map((input, i) => filled(engine, input, numbers[i]));
  const to = graph.outputs.map(({ shape, dtype }, j) => from[over[j] ?? -1] ?? engine.allocate(shape, dtype));
  executable.bind(from, to)();
  return to.map(({ data }) => data.slice());
}

/** The same by the reference engine. */
export const reference = ({ inputs, outputs }: Graph, numbers: readonly (readonly number[])[]): TypedArray[] =>
  evaluate(outputs, new Map(inputs.map((input, i) => [input, numbers[i]]))).map(({ data }) => data);
