import type { OpName } from '../../tensor/attrs.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { sameShape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Dice } from './dice.ts';
import { makers, opNames } from './ops.ts';
import { Pool, type Profile } from './pool.ts';
import type { Leaf, Program } from './program.ts';
import { leavesOf, plainProgram } from './program.ts';
import { type TransformName, transforms } from './transform.ts';

const profiles: readonly Profile[] = [
  { dims: [1, 2, 3, 4, 5], maxRank: 4, maxSize: 300 },
  { dims: [1, 2, 3, 4, 5], maxRank: 4, maxSize: 300 },
  // what is left over beside whole SIMD vectors and unrolled loops
  { dims: [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33], maxRank: 3, maxSize: 2000 },
  { dims: [0, 1, 2, 3, 5], maxRank: 3, maxSize: 300 },
  // vectors so long that `auto` takes them for an optimizer's, and matrices beside them
  { dims: [8, 16, 64, 4096, 4099], maxRank: 2, maxSize: 10_000 },
];

/** Where the transforms of a program come from. */
const recipes: readonly (readonly TransformName[])[] = [
  ...Array<readonly TransformName[]>(8).fill([]),
  ...([['grad'], ['grad'], ['vjp'], ['jvp'], ['hvp'], ['vmap'], ['vmap'], ['dual'], ['lanes']] as const),
  ...([['step'], ['step'], ['step'], ['vmap', 'step']] as const),
  ...([
    ['grad', 'vmap'],
    ['vmap', 'grad'],
    ['jvp', 'vmap'],
    ['vmap', 'jvp'],
    ['grad', 'grad'],
  ] as const),
  ...([
    ['hvp', 'vmap'],
    ['vmap', 'vmap'],
    ['grad', 'lanes'],
    ['vmap', 'dual'],
    ['grad', 'dual'],
  ] as const),
];

export interface Generated {
  readonly program: Program;
  readonly transforms: readonly TransformName[];
}

/** The program of a seed. */
export function generate(seed: number): Generated {
  const dice = new Dice(seed);
  // The seed names the last op. Each third round over the ops leaves their programs as they are: what is not differentiable stays in them.
  const round = Math.floor(seed / opNames.length);
  const recipe = round % 3 === 0 ? [] : dice.pick(recipes);
  const pool = new Pool(dice, dice.pick(profiles));
  if (pool.dice.chance(0.2)) bundle(pool);
  const steps = recipe.length === 0 ? dice.int(1, 20) : dice.int(1, recipe.length === 1 ? 10 : 6);
  for (let i = 0; i < steps; i++) grow(pool, dice.pick(opNames));
  grow(pool, opNames[seed % opNames.length]);
  const outputs = chosen(pool, recipe.length > 0);
  let program = plainProgram(outputs, only(pool.leaves, leavesOf(outputs)));
  for (const name of recipe) program = transforms[name](program, dice);
  return { program: { ...program, over: overwritten(program, dice) }, transforms: recipe };
}

/** One flat parameter, and views of its parts as vectors and matrices, as the parameters of a model are. */
function bundle(pool: Pool): void {
  const { dice } = pool;
  const shapes = Array.from({ length: dice.int(1, 4) }, () => pool.shape(dice.int(0, 2)));
  const flat = pool.leaf([shapes.reduce((sum, shape) => sum + sizeOf(shape), 0)]);
  let start = 0;
  for (const shape of shapes) {
    const end = start + sizeOf(shape);
    pool.add(flat.slice([start], [end]).reshape(shape));
    start = end;
  }
}

/** One more node of the op, if it can be had. */
function grow(pool: Pool, op: OpName): void {
  for (let attempt = 0; attempt < 8; attempt++) {
    const node = makers[op](pool);
    if (node && pool.add(node)) return;
  }
}

/** Nodes that nothing uses, and some others; floats where the program is to be differentiated. */
function chosen({ nodes, dice }: Pool, differentiable: boolean): Tensor[] {
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const fits = nodes.filter(({ dtype }) => !differentiable || isFloat(dtype));
  const ends = fits.filter((node) => !used.has(node)).slice(-dice.int(1, 6));
  const others = dice.chance(0.3) ? dice.shuffled(fits).slice(0, 2) : [];
  return [...ends, ...others];
}

const only = <V>(values: ReadonlyMap<Leaf, V>, leaves: readonly Leaf[]): Map<Leaf, V> =>
  new Map(leaves.map((leaf) => [leaf, values.get(leaf) as V]));

/** Sends some outputs to where an input lies. */
function overwritten({ outputs, values }: Program, dice: Dice): Map<Tensor, Leaf> {
  const over = new Map<Tensor, Leaf>();
  const free = new Set(values.keys());
  for (const output of new Set(outputs)) {
    const places = [...free].filter(({ shape, dtype }) => dtype === output.dtype && sameShape(shape, output.shape));
    if (places.length === 0 || dice.chance(0.5)) continue;
    const place = dice.pick(places);
    over.set(output, place);
    free.delete(place);
  }
  return over;
}
