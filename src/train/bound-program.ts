import type { Program } from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import { fillRandom } from '../runtime/random.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { parameter } from '../tensor/functions.ts';
import { substitute, topological } from '../tensor/graph.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Buffers } from './buffers.ts';
import { type Seed, seedsOf } from './seed.ts';

/** A program on the buffers of a run. */
export interface BoundProgram {
  /** Draws the random inputs for this seed and step, then runs. Of several seeds, each draws its slice along axis 0. */
  run(seed: Seed, step: number): void | Promise<void>;
}

/**
 * Compiles a program and binds it to the named buffers of a run. An output that is named like an input is updated in place;
 * `rename` sends outputs elsewhere.
 */
export async function bindProgram(
  program: Program,
  runtime: Runtime,
  buffers: Buffers,
  rename: Readonly<Record<string, string>> = {},
): Promise<BoundProgram> {
  const randoms = topological(program.graph.outputs).filter((node) => node.is('random'));
  const declared = new Map<Tensor, Tensor<'parameter'>>();
  const draws: { buffer: Buffer; leaf: Tensor<'random'> }[] = [];
  for (const leaf of randoms) {
    const { distribution, stream } = leaf.attrs;
    const name = `random.${distribution}.${stream}`;
    const buffer = buffers.get(name, leaf.shape, leaf.dtype);
    if (!draws.some((draw) => draw.buffer === buffer)) draws.push({ buffer, leaf });
    declared.set(leaf, parameter(name, leaf.shape, leaf.dtype));
  }
  const inputs = [...program.graph.inputs, ...declared.values()];
  const outputs = substitute(program.graph.outputs, declared);
  const executable = await runtime.engine.compile({ inputs, outputs });
  const call = executable.bind(
    inputs.map(({ attrs, shape, dtype }) => buffers.get(attrs.name, shape, dtype)),
    outputs.map(({ shape, dtype }, i) => {
      const name = program.outputs[i];
      return buffers.get(rename[name] ?? name, shape, dtype);
    }),
    buffers.allocate,
  );
  return {
    run(seed, step) {
      for (const { buffer, leaf } of draws) draw(buffer, leaf, seed, step);
      return call();
    },
  };
}

function draw({ data }: Buffer, { attrs }: Tensor<'random'>, seed: Seed, step: number): void {
  const { distribution, stream } = attrs;
  const seeds = seedsOf(seed);
  const size = data.length / seeds.length;
  for (const [i, own] of seeds.entries()) {
    fillRandom(data.subarray(i * size, (i + 1) * size), distribution, { seed: own, stream, step });
  }
}
