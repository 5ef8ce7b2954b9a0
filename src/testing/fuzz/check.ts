import { createAutoEngine } from '../../runtime/auto/index.ts';
import type { Buffer, Engine, TypedArray } from '../../runtime/engine.ts';
import { Heap, type HeapBuffer } from '../../runtime/heap.ts';
import { createOnnxEngine } from '../../runtime/onnx/index.ts';
import { evaluate, type NdArray } from '../../runtime/reference/index.ts';
import { simplify } from '../../runtime/simplify.ts';
import { createWasmEngine } from '../../runtime/wasm/index.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { topological } from '../../tensor/graph.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Dice } from './dice.ts';
import { engineGraph, type Leaf, leavesOf, type Numbers, type Program } from './program.ts';
import { asDeclared, inDouble, onOnnx, type Precision, spreads } from './tolerance.ts';

/**
 * What must agree with the reference. 'threads' is wasm whose kernels are shared however small; 'split' is `auto` with every program cut
 * into stages, 'regions' with all that wasm fuses on wasm besides.
 */
export const contestants = ['simplify', 'laws', 'onnx', 'wasm', 'threads', 'auto', 'split', 'regions'] as const;
export type Contestant = (typeof contestants)[number];

/** A disagreement, or an error where there must be none. */
export interface Finding {
  readonly contestant: Contestant;
  readonly problem: string;
}

/** Native engines. Compiled programs stay with them, so a long run makes new ones from time to time. */
export class Engines {
  readonly of: { readonly [K in Exclude<Contestant, 'simplify' | 'laws'>]: Engine };

  constructor() {
    const heap = new Heap();
    const onnx = createOnnxEngine(heap, { threads: 1 });
    const wasm = createWasmEngine(heap);
    const native = { onnx: async () => onnx, wasm: async () => wasm };
    this.of = {
      onnx,
      wasm,
      threads: createWasmEngine(new Heap({ shared: true }), { threads: 2, taskTime: 50 }),
      auto: createAutoEngine(heap, native),
      split: createAutoEngine(heap, native, () => false),
      regions: createAutoEngine(heap, native, () => false, Number.NEGATIVE_INFINITY),
    };
  }
}

/** Why a program is no test: a number in it leaves the range in which rounding means something. */
export class Untame extends Error {}

const largest = 1e12;

/** The reference's values of the outputs. Throws Untame where one of the numbers on the way is not finite, or too large. */
function exactValues({ outputs, values }: Program): NdArray[] {
  const order = topological(outputs);
  const found = new Map(evaluate(order, values).map((value, i) => [order[i], value]));
  for (const [node, { data }] of found) {
    if (isFloat(node.dtype) && !data.every((x) => Math.abs(x) <= largest)) throw new Untame(`${node}`);
  }
  return outputs.map((output) => found.get(output) as NdArray);
}

/** A result may lie this many times as far from the exact one as the sampled runs did. */
const slack = 8;
const [fewSamples, manySamples] = [4, 64];

/** A judge of results: quick at first, and thorough before it says that something is wrong. */
class Judge {
  private readonly program: Program;
  private readonly exact: readonly NdArray[];
  private readonly precision: Precision;
  private allowed: Float64Array[];
  private thorough = false;

  constructor(program: Program, exact: readonly NdArray[], precision: Precision) {
    this.program = program;
    this.exact = exact;
    this.precision = precision;
    this.allowed = this.sample(fewSamples);
  }

  private sample(samples: number): Float64Array[] {
    const { program, exact, precision } = this;
    return spreads(program, exact, { precision, samples, dice: new Dice(samples) }).map((spread) =>
      spread.map((x) => slack * x),
    );
  }

  /** What is wrong with these values of the outputs; null when nothing is. */
  problem(actual: readonly ArrayLike<number>[]): string | null {
    const found = this.difference(actual);
    if (!found || this.thorough) return found;
    this.thorough = true;
    this.allowed = this.sample(manySamples);
    return this.difference(actual);
  }

  private difference(actual: readonly ArrayLike<number>[]): string | null {
    for (const [j, { data, dtype, shape }] of this.exact.entries()) {
      if (actual[j].length !== data.length) return `output ${j} has ${actual[j].length} elements, not ${data.length}`;
      for (const [i, x] of data.entries()) {
        const [y, allowed] = [actual[j][i], this.allowed[j][i] + (isFloat(dtype) ? 1e-35 : 0)];
        if (Math.abs(y - x) <= allowed || Object.is(x, y)) continue;
        return `output ${j} (${dtype}[${shape}]), element ${i} is ${y}, not ${x}, which allows for ${allowed.toExponential(1)}`;
      }
    }
    return null;
  }
}

/** Compiles, binds and calls twice: the second call must answer the same bits from the same inputs. */
async function run(engine: Engine, program: Program): Promise<Answer> {
  const leaves = leavesOf(program.outputs);
  const graph = engineGraph(program.outputs, leaves);
  const executable = await engine.compile(graph);
  const taken: Buffer[] = [];
  const allocate: Engine['allocate'] = (shape, dtype) => {
    const buffer = engine.allocate(shape, dtype);
    taken.push(buffer);
    return buffer;
  };
  try {
    const from = leaves.map(({ shape, dtype }) => allocate(shape, dtype));
    const bound = new Set<Buffer>();
    const to = program.outputs.map((output) => {
      const place = from[leaves.indexOf(program.over.get(output) as Leaf)];
      const own = place && !bound.has(place) ? place : allocate(output.shape, output.dtype);
      bound.add(own);
      return own;
    });
    const call = executable.bind(from, to, allocate);
    const answers: TypedArray[][] = [];
    for (let repeat = 0; repeat < 2; repeat++) {
      from.forEach((buffer, i) => {
        buffer.data.set(program.values.get(leaves[i]) as Numbers);
      });
      await call();
      answers.push(to.map(({ data }) => data.slice()));
    }
    const [first, second] = answers;
    const differs = first.findIndex((data, j) => data.some((x, i) => !Object.is(x, second[j][i])));
    return differs < 0 ? first : `output ${differs} is another in a second call`;
  } finally {
    for (const buffer of taken as HeapBuffer[]) buffer.heap.release(buffer);
  }
}

const decomposes = (outputs: readonly Tensor[]): boolean =>
  topological(outputs).some(({ op }) => op === 'eigh' || op === 'qr');

/** ONNX Runtime has neither eigenvalues nor QR: `onnx` refuses them. */
const refuses = (contestant: Contestant, { outputs }: Program): boolean => contestant === 'onnx' && decomposes(outputs);

type Answer = readonly ArrayLike<number>[] | string;

/** The reference on the simplified graph. */
function simplified(program: Program): Answer {
  const leaves = leavesOf(program.outputs);
  const { inputs, outputs } = simplify(engineGraph(program.outputs, leaves));
  const values = new Map(inputs.map((input, i) => [input, program.values.get(leaves[i]) as Numbers]));
  return evaluate(outputs, values).map(({ data }) => data);
}

/** Every output that has an equal one is answered by that. */
function exchanged({ outputs, equal }: Program, exact: readonly NdArray[]): Answer {
  const other = new Map(equal);
  return outputs.map((output) => exact[outputs.indexOf(other.get(output) ?? output)].data);
}

const precisions: { readonly [K in Contestant]: Precision } = {
  simplify: inDouble,
  laws: inDouble,
  onnx: onOnnx,
  wasm: asDeclared,
  threads: asDeclared,
  auto: onOnnx,
  split: onOnnx,
  regions: onOnnx,
};

/** Compares a program's results everywhere with those of the reference. Throws Untame when it is no test. */
export async function check(
  program: Program,
  engines: Engines,
  among: readonly Contestant[] = contestants,
): Promise<Finding | null> {
  const exact = exactValues(program);
  const judges = new Map<Precision, Judge>();
  const answer = (contestant: Contestant): Answer | Promise<Answer> => {
    if (contestant === 'simplify') return simplified(program);
    return contestant === 'laws' ? exchanged(program, exact) : run(engines.of[contestant], program);
  };
  for (const contestant of among) {
    if (refuses(contestant, program)) continue;
    const precision = precisions[contestant];
    const judge = judges.get(precision) ?? new Judge(program, exact, precision);
    judges.set(precision, judge);
    let problem: string | null;
    try {
      const found = await answer(contestant);
      problem = typeof found === 'string' ? found : judge.problem(found);
    } catch (error) {
      problem = String(error);
    }
    if (problem) return { contestant, problem };
  }
  return null;
}
