import { parameter } from '../tensor/functions.ts';
import { substitute, topological } from '../tensor/graph.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { vmap } from '../tensor/transforms.ts';
import { type Program, programOf } from './step-program.ts';

/**
 * One program that does the work of `lanes` copies of a program at once. Inputs whose name is `mapped`, and all outputs, get a first axis of
 * that size; the lanes share the other inputs. With `ownRandom` each lane draws random numbers of its own (random leaves get the axis too),
 * else all see the same.
 */
export function mapProgram(
  { graph, outputs }: Program,
  lanes: number,
  mapped: (name: string) => boolean,
  ownRandom = false,
): Program {
  const inputs = graph.inputs.filter(({ attrs }) => mapped(attrs.name));
  const randoms = ownRandom ? topological(graph.outputs).filter((node) => node.is('random')) : [];
  const wide = [
    ...inputs.map(({ attrs, shape, dtype }) => parameter(attrs.name, [lanes, ...shape], dtype)),
    ...randoms.map(({ attrs, shape }) => apply('random', [], { ...attrs, shape: [lanes, ...shape] })),
  ];
  const own: readonly Tensor[] = [...inputs, ...randoms];
  const run = (values: readonly Tensor[]): Tensor[] =>
    substitute(graph.outputs, new Map(own.map((leaf, i) => [leaf, values[i]])));
  // Says how many lanes there are where no input does.
  const count = parameter('lanes', [lanes]);
  const results = vmap((values: readonly Tensor[], _: Tensor) => run(values))(wide, count);
  return programOf(Object.fromEntries(outputs.map((name, i) => [name, results[i]])));
}
