import { parameter } from '../tensor/functions.ts';
import { substitute } from '../tensor/graph.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { vmap } from '../tensor/transforms.ts';
import { type Program, programOf } from './step-program.ts';

/**
 * One program that does the work of `lanes` copies of a program at once. Inputs whose name is `mapped`, and all outputs, get a first axis of
 * that size; the lanes share the other inputs and all random leaves.
 */
export function mapProgram({ graph, outputs }: Program, lanes: number, mapped: (name: string) => boolean): Program {
  const own = graph.inputs.filter(({ attrs }) => mapped(attrs.name));
  const wide = own.map(({ attrs, shape, dtype }) => parameter(attrs.name, [lanes, ...shape], dtype));
  const run = (values: readonly Tensor[]): Tensor[] =>
    substitute(graph.outputs, new Map(own.map((input, i) => [input, values[i]])));
  // Says how many lanes there are where no input does.
  const count = parameter('lanes', [lanes]);
  const results = vmap((values: readonly Tensor[], _: Tensor) => run(values))(wide, count);
  return programOf(Object.fromEntries(outputs.map((name, i) => [name, results[i]])));
}
