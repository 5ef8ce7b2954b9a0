import { evaluate } from '../../runtime/reference/index.ts';
import { parameter } from '../../tensor/functions.ts';
import { isLeaf, substitute, topological } from '../../tensor/graph.ts';
import { sameShape, sizeOf } from '../../tensor/shape.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import { type Leaf, leavesOf, type Numbers, type Program, plainProgram } from './program.ts';

/** Does a smaller program still show what was found? */
export type Fails = (program: Program) => Promise<boolean>;

/** Makes a failing program smaller, step by step, as long as it fails; at most `budget` programs are tried. */
export async function shrink(program: Program, fails: Fails, budget = 400): Promise<Program> {
  let smallest = program;
  for (let left = budget, progress = true; progress && left > 0; ) {
    progress = false;
    for (const candidate of smaller(smallest)) {
      if (left-- <= 0) break;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** Simpler programs, the boldest steps first. */
function* smaller(program: Program): Generator<Program> {
  yield* fewerOutputs(program);
  yield* earlierOutputs(program);
  yield* cutNodes(program);
  yield* bypassedNodes(program);
  yield* shorterAxes(program);
  yield* rounderNumbers(program);
}

const withOutputs = (program: Program, outputs: readonly Tensor[], values: Program['values']): Program => {
  const kept = new Map(leavesOf(outputs).map((leaf) => [leaf, values.get(leaf) as Numbers]));
  const over = new Map([...program.over].filter(([output, leaf]) => outputs.includes(output) && kept.has(leaf)));
  const equal = program.equal.filter((pair) => pair.every((output) => outputs.includes(output)));
  return { outputs, values: kept, over, equal };
};

function* fewerOutputs(program: Program): Generator<Program> {
  const { outputs, equal, values } = program;
  if (equal.length > 1) for (const pair of equal) yield { ...withOutputs(program, pair, values), equal: [pair] };
  if (program.over.size > 0) yield { ...program, over: new Map() };
  if (outputs.length === 1 || equal.length > 0) return;
  for (const output of outputs) yield withOutputs(program, [output], values);
  for (const output of outputs) yield withOutputs(program, outputs.filter((other) => other !== output), values); // biome-ignore format: one line
}

/** The program with a node replaced. */
function replaced(program: Program, node: Tensor, by: Tensor, values: Program['values']): Program {
  const everything = [...program.outputs, ...program.equal.flat(), ...program.over.keys()];
  const made = substitute(everything, new Map([[node, by]]));
  const now = (old: Tensor): Tensor => made[everything.indexOf(old)];
  const over = new Map([...program.over].map(([output, leaf]) => [now(output), leaf]));
  const equal = program.equal.map(([a, b]) => [now(a), now(b)] as const);
  return withOutputs({ ...program, over, equal }, program.outputs.map(now), values);
}

/** Nodes with users, those near the outputs first. */
const insides = ({ outputs }: Program): Tensor[] =>
  topological(outputs)
    .filter((node) => !isLeaf(node) && !outputs.includes(node))
    .reverse();

/** An output gives way to what it is computed from. */
function* earlierOutputs(program: Program): Generator<Program> {
  if (program.equal.length > 0 || program.outputs.length > 1) return;
  const [output] = program.outputs;
  for (const input of output.inputs) yield withOutputs(program, [input], program.values);
}

/** A node becomes a parameter with its value. */
function* cutNodes(program: Program): Generator<Program> {
  const nodes = insides(program);
  const values = evaluate(nodes, program.values);
  for (const [i, node] of nodes.entries()) {
    const leaf = parameter(`y${node.id}`, node.shape, node.dtype);
    yield replaced(program, node, leaf, new Map([...program.values, [leaf, values[i].data.map(Math.fround)]]));
  }
}

/** A node's users take one of its inputs instead. */
function* bypassedNodes(program: Program): Generator<Program> {
  for (const node of insides(program)) {
    for (const input of node.inputs) {
      const alike = input.dtype === node.dtype && sameShape(input.shape, node.shape);
      if (alike) yield replaced(program, node, input, program.values);
    }
  }
}

/** Every axis of some size gets another; what the ops do not take is left out. */
function* shorterAxes(program: Program): Generator<Program> {
  const sizes = new Set(topological(program.outputs).flatMap(({ shape }) => shape));
  for (const size of [...sizes].sort((a, b) => b - a)) {
    for (const other of new Set([1, 2, Math.ceil(size / 2), size - 1])) {
      const found = size > other ? resized(program, size, other) : null;
      if (found) yield found;
    }
  }
}

function resized(program: Program, size: number, other: number): Program | null {
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    return value === size ? other : value;
  };
  const values = new Map<Leaf, Numbers>();
  const made = new Map<Tensor, Tensor>();
  try {
    for (const node of topological(program.outputs)) {
      if (node.is('constant') && node.size > 1) {
        const shape = change(node.attrs.shape) as number[];
        made.set(
          node,
          apply('constant', [], { ...node.attrs, shape, values: node.attrs.values.slice(0, sizeOf(shape)) }),
        );
        continue;
      }
      const attrs = Object.fromEntries(
        Object.entries(node.attrs).map(([name, value]) => [name, typeof value === 'number' ? value : change(value)]),
      );
      const inputs = node.inputs.map((input) => made.get(input) as Tensor);
      const changed = apply(node.op as 'neg', inputs, attrs);
      made.set(node, changed);
      const numbers = program.values.get(node as Leaf);
      if (numbers) values.set(changed as Tensor as Leaf, numbers.slice(0, changed.size));
    }
  } catch {
    return null; // a shape that does not fit any more
  }
  const now = (old: Tensor): Tensor => made.get(old) as Tensor;
  return { ...plainProgram(program.outputs.map(now), values), equal: program.equal.map(([a, b]) => [now(a), now(b)]) };
}

/** The numbers of an input become small whole ones, or have few digits. */
function* rounderNumbers(program: Program): Generator<Program> {
  for (const [leaf, numbers] of program.values) {
    for (const round of [Math.round, (x: number) => Math.round(4 * x) / 4]) {
      const rounder = Array.from(numbers, round);
      if (rounder.some((x, i) => x !== numbers[i])) {
        yield { ...program, values: new Map([...program.values, [leaf, rounder]]) };
      }
    }
  }
}
