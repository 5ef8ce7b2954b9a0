import type { ModelContext, ParameterSpecs, Tensors } from '../nn/model.ts';
import type { TypedArray } from '../runtime/engine.ts';
import { fillRandom } from '../runtime/random.ts';
import { evaluate, type NdArray } from '../runtime/reference/index.ts';
import type { DType } from '../tensor/dtype.ts';
import { parameter } from '../tensor/functions.ts';
import { topological } from '../tensor/graph.ts';
import { RandomStreams } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { initializeAll } from '../train/initialize.ts';

export type Numbers = TypedArray | readonly number[];

/** Evaluates on the reference engine; random leaves are drawn from the seed and step as a run would draw them. */
export function evaluateSeeded(
  outputs: readonly Tensor[],
  values: ReadonlyMap<Tensor, Numbers> = new Map(),
  { seed = 0, step = 0 } = {},
): NdArray[] {
  const known = new Map<Tensor, Numbers>(values);
  for (const node of topological(outputs)) {
    if (!node.is('random')) continue;
    const { distribution, stream } = node.attrs;
    const drawn = new Float64Array(node.size);
    fillRandom(drawn, distribution, { seed, stream, step });
    known.set(node, drawn);
  }
  return evaluate(outputs, known);
}

/** A placeholder for each spec. */
export const placeholders = (specs: ParameterSpecs, dtype: DType = 'float64'): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, parameter(name, shape, dtype)]));

/** The beginning of each parameter, drawn from a seed. */
export function initialNumbers(specs: ParameterSpecs, seed = 0): Record<string, Float64Array> {
  const total = Object.values(specs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const flat = new Float64Array(total);
  initializeAll(flat, specs, seed);
  let offset = 0;
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const start = offset;
      offset += sizeOf(shape);
      return [name, flat.slice(start, offset)];
    }),
  );
}

/** A context that keeps what the model sets. */
export function testContext(
  training: boolean,
  buffers: Tensors = {},
): ModelContext & { readonly written: Record<string, Tensor> } {
  const written: Record<string, Tensor> = {};
  return {
    training,
    random: new RandomStreams('model'),
    buffers,
    written,
    setBuffer(name, value) {
      written[name] = value;
    },
  };
}

/** Pairs tensors with their numbers, by name. */
export const pairs = (tensors: Tensors, numbers: Readonly<Record<string, Numbers>>): [Tensor, Numbers][] =>
  Object.entries(tensors).map(([name, tensor]) => [tensor, numbers[name]]);
