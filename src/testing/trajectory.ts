import type { DrivenOptimizer, HostOracle, HostState } from '../optim/driven.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { type Batch, noCalls, type OracleCalls } from '../optim/oracle.ts';
import {
  type Program,
  type StepProgram,
  serves,
  traceEvaluationPoint,
  traceInit,
  traceStep,
  validationInputs,
} from '../optim/step-program.ts';
import type { Buffer, Engine } from '../runtime/engine.ts';
import { fillRandom } from '../runtime/random.ts';
import { evaluate, referenceEngine } from '../runtime/reference/index.ts';
import { Bundle, Layout, type Role } from '../tensor/bundle.ts';
import { constant, parameter } from '../tensor/functions.ts';
import { substitute, topological } from '../tensor/graph.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gradients, tangentsOf } from '../tensor/transforms.ts';

/** One parameter tensor and where it begins, row-major. */
export interface Start {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly role?: Role;
}

/** Where a loss is taken: the parameters, the step number (from 1, a float64 scalar), and which of the step's minibatches. */
export interface LossPoint {
  readonly w: Bundle;
  readonly t: Tensor;
  readonly batch: number;
  /** The examples of that minibatch, where the setup has any. */
  readonly data?: Batch;
}

export interface Setup {
  /** Parameter tensors by name; an array is one vector without a special role. */
  readonly w0: readonly number[] | Readonly<Record<string, Start>>;
  /** A symbolic loss f_t(w). */
  readonly loss: (point: LossPoint) => Tensor;
  /** The loss over labels drawn from the model itself, for methods that ask for it. Default: there is none. */
  readonly sampledLoss?: (point: LossPoint) => { readonly loss: Tensor; readonly labels: number };
  /** The logits whose cross entropy the loss is, for methods that ask for them. Default: there are none. */
  readonly logits?: (point: LossPoint) => Tensor;
  /** The examples of a minibatch at step t, on axis 0, for methods that ask for gradients of each. Default: none. */
  readonly examples?: (point: { readonly t: Tensor; readonly batch: number }) => Batch;
  readonly steps: number;
  /** Default: `steps`. */
  readonly horizon?: number;
  /** Numbers of the random leaf with this index (in order of declaration) at step t. Default: those of a run with seed 1. */
  readonly random?: (t: number, index: number) => readonly number[];
  /** Losses of the evaluations after which steps were taken, as a trainer has them: `[3, 0.5]` is 0.5 after step 3. Default: none. */
  readonly validation?: readonly (readonly [step: number, loss: number])[];
  /** Default: the reference. */
  readonly engine?: Engine;
}

export interface Trajectory {
  /** Parameters after each step, leaf after leaf. */
  readonly w: readonly (readonly number[])[];
  /** Parameters to evaluate after each step. */
  readonly evaluation: readonly (readonly number[])[];
  /** State by name: at the start, then after each step. */
  readonly state: readonly Readonly<Record<string, readonly number[]>>[];
  /** What each step reported as its loss. */
  readonly loss: readonly number[];
  /** Oracle calls of each step. */
  readonly calls: readonly OracleCalls[];
  /** How many programs the run took. */
  readonly programs: number;
  /** Floats of state for each parameter. */
  readonly statePerParameter: number;
}

/** The gradient of this loss is exactly the given one, whatever w. */
export const lossWithGradient =
  (gradient: (point: LossPoint) => Tensor) =>
  (point: LossPoint): Tensor =>
    point.w.flat.mul(gradient(point).stopGradient()).sum();

const startsOf = (w0: Setup['w0']): Record<string, Start> =>
  Array.isArray(w0) ? { w: { shape: [w0.length], values: w0 } } : { ...(w0 as Record<string, Start>) };

function layoutOf(w0: Setup['w0']): { layout: Layout; values: number[] } {
  const starts = startsOf(w0);
  const leaves = Object.entries(starts).map(([name, { shape, role = 'other' }]) => ({ name, shape, role }));
  const values = Object.values(starts).flatMap((start) => {
    if (start.values.length !== sizeOf(start.shape))
      throw new Error(`${start.values.length} numbers for [${start.shape}]`);
    return start.values;
  });
  return { layout: new Layout(leaves), values };
}

type Values = Map<string, readonly number[]>;

/** A program on an engine: random leaves are inputs that the caller fills. */
async function load(program: Program, engine: Engine) {
  const leaves = topological(program.graph.outputs).filter((node) => node.is('random'));
  const inputs = leaves.map((leaf, i) => parameter(`random.${i}`, leaf.shape, leaf.dtype));
  const outputs = substitute(program.graph.outputs, new Map(leaves.map((leaf, i) => [leaf, inputs[i]])));
  const graph = { inputs: [...program.graph.inputs, ...inputs], outputs };
  const executable = await engine.compile(graph);
  const buffer = ({ shape, dtype }: Tensor): Buffer => engine.allocate(shape, dtype);
  const given = graph.inputs.map(buffer);
  const results = outputs.map(buffer);
  const call = executable.bind(given, results);
  return {
    random: leaves,
    async run(values: Values): Promise<Values> {
      graph.inputs.forEach(({ attrs: { name } }, i) => {
        const numbers = values.get(name);
        if (!numbers) throw new Error(`nothing is known of input '${name}'`);
        given[i].data.set(numbers);
      });
      await call();
      return new Map(program.outputs.map((name, i) => [name, [...results[i].data]]));
    },
  };
}

/** Runs a symbolic optimizer, by default on the reference engine, step program by step program, as a trainer does. */
export async function trajectory(optimizer: Optimizer, setup: Setup): Promise<Trajectory> {
  const { loss, sampledLoss, logits, steps, horizon = steps, engine = referenceEngine } = setup;
  const { layout, values: start } = layoutOf(setup.w0);
  const hypers = Object.entries(optimizer.values).map(([name, value]): [string, number[]] => [
    `hyper.${name}`,
    [Number(value)],
  ]);
  const values: Values = new Map([...hypers, ['w', start], ['horizon', [horizon]], ['t', [0]]]);
  const init = await load(traceInit(optimizer, layout), engine);
  const names: string[] = [];
  for (const [name, numbers] of await init.run(values)) {
    names.push(name);
    values.set(name, numbers);
  }
  const evaluationProgram = traceEvaluationPoint(optimizer, layout);
  const evaluation = evaluationProgram && (await load(evaluationProgram, engine));

  const stateNow = () => Object.fromEntries(names.map((name) => [name, values.get(name) as readonly number[]]));
  const programs: { step: StepProgram; loaded: Awaited<ReturnType<typeof load>> }[] = [];
  const result = {
    w: [] as (readonly number[])[],
    evaluation: [] as (readonly number[])[],
    state: [stateNow()],
    loss: [] as number[],
    calls: [] as OracleCalls[],
  };
  for (let t = 1; t <= steps; t++) {
    let program = programs.find(({ step }) => serves(step, t));
    if (!program) {
      const objective = ({ t: symbol }: { t: Tensor }) => ({
        batch: (batch: number) => setup.examples?.({ t: symbol, batch }) ?? {},
        loss: (w: Bundle, data: Batch, batch: number) => loss({ w, t: symbol, batch, data }),
        ...(sampledLoss && {
          sampledLoss: (w: Bundle, _: unknown, batch: number) => sampledLoss({ w, t: symbol, batch }),
        }),
        ...(logits && {
          lossAndLogits: (w: Bundle, _: unknown, batch: number) => {
            const point = { w, t: symbol, batch };
            return { loss: loss(point), logits: logits(point) };
          },
          logits: (w: Bundle, _: unknown, batch: number) => logits({ w, t: symbol, batch }),
        }),
      });
      const step = traceStep(optimizer, layout, objective, t);
      program = { step, loaded: await load(step, engine) };
      programs.push(program);
    }
    values.set('t', [t]);
    const seen = (setup.validation ?? []).filter(([step]) => step < t);
    values.set(validationInputs.loss, [seen.at(-1)?.[1] ?? Number.NaN]);
    values.set(validationInputs.count, [seen.length]);
    program.loaded.random.forEach((leaf, i) => {
      const drawn = new Float64Array(leaf.size);
      if (setup.random) drawn.set(setup.random(t, i));
      else fillRandom(drawn, leaf.attrs.distribution, { seed: 1, stream: leaf.attrs.stream, step: t });
      values.set(`random.${i}`, [...drawn]);
    });
    const next = await program.loaded.run(values);
    for (const name of ['w', ...names]) values.set(name, next.get(name) as readonly number[]);
    result.w.push(values.get('w') as readonly number[]);
    result.state.push(stateNow());
    result.loss.push(next.get('loss')?.[0] ?? Number.NaN);
    result.calls.push(program.step.calls);
    const point = evaluation ? (await evaluation.run(values)).get('w') : values.get('w');
    result.evaluation.push(point as readonly number[]);
  }
  const floats = Object.values(result.state[0]).reduce((sum, numbers) => sum + numbers.length, 0);
  return { ...result, programs: programs.length, statePerParameter: floats / layout.size };
}

export interface DrivenTrajectory {
  readonly w: readonly (readonly number[])[];
  readonly loss: readonly number[];
  /** Calls of the whole run. */
  readonly calls: OracleCalls;
  readonly state: HostState;
}

/** Runs a driven optimizer on a symbolic loss, evaluated by the reference. */
export async function drivenTrajectory(
  optimizer: DrivenOptimizer,
  setup: Setup & { readonly resume?: (state: HostState) => HostState },
): Promise<DrivenTrajectory> {
  const { loss, steps, horizon = steps, resume = (state) => state } = setup;
  const { layout, values } = layoutOf(setup.w0);
  const calls = noCalls();
  const flat = parameter('w', [layout.size]);
  const direction = parameter('v', [layout.size]);
  const t = parameter('t', [], 'float64');
  const graphs = new Map<number, { value: Tensor; grad: Tensor; product: Tensor }>();
  const graphOf = (batch: number) => {
    const known = graphs.get(batch);
    if (known) return known;
    const value = loss({ w: Bundle.fromFlat(layout, flat), t, batch });
    const [grad] = gradients(value, [flat]);
    const [product] = tangentsOf([grad], [flat], [direction]);
    graphs.set(batch, { value, grad, product });
    return { value, grad, product };
  };
  const w: (readonly number[])[] = [];
  const losses: number[] = [];
  let state = optimizer.init(layout.size);
  let point: Float64Array = Float64Array.from(values);
  for (let step = 1; step <= steps; step++) {
    const known = (at: Float64Array) => new Map<Tensor, Float64Array>([[flat, at], [t, Float64Array.of(step)]]); // biome-ignore format: one line
    const numbers = (outputs: Tensor[], map: Map<Tensor, Float64Array>) =>
      evaluate(outputs, map).map(({ data }) => Float64Array.from(data));
    const oracle: HostOracle = {
      calls,
      async loss(at, { batch = 0 } = {}) {
        calls.loss++;
        return numbers([graphOf(batch).value], known(at))[0][0];
      },
      async valueAndGrad(at, { batch = 0 } = {}) {
        calls.gradient++;
        const { value, grad } = graphOf(batch);
        const [found, slope] = numbers([value, grad], known(at));
        return { value: found[0], grad: slope };
      },
      async hessianVector(at, v, { batch = 0 } = {}) {
        calls.hessianVector++;
        return numbers([graphOf(batch).product], known(at).set(direction, v))[0];
      },
    };
    const next = await optimizer.step({
      w: point,
      state: resume(state),
      oracle,
      t: step,
      horizon,
      hyper: optimizer.values,
      validation: { loss: Number.NaN, count: 0 },
    });
    point = next.w;
    state = next.state;
    w.push([...point]);
    losses.push(next.loss);
  }
  return { w, loss: losses, calls, state };
}

// ── the problems of the golden checks ───────────────────────────────────────

/** w0 of nearly all golden checks. */
export const w0 = [1, -2, 3, 0.5] as const;
const c = constant([0.1, -0.2, 0.3, -0.4], { dtype: 'float64' });

/** f_t(w) = w.w / 4 + cos(t) c.w, so g_t = w / 2 + c cos(t); batch 1 has sin(t) in the place of cos(t). */
export const commonLoss = ({ w, t, batch }: LossPoint): Tensor => {
  const flat = w.flat.cast('float64');
  return flat
    .square()
    .sum()
    .mul(0.25)
    .add(flat.dot(c).mul(batch === 0 ? t.cos() : t.sin()));
};

/** The same with signs of the gradient that change: g_t = w / 2 + [2, -1, -4, 3] cos(2 t). */
export const flippingLoss = ({ w, t }: LossPoint): Tensor => {
  const flat = w.flat.cast('float64');
  return flat
    .square()
    .sum()
    .mul(0.25)
    .add(flat.dot(constant([2, -1, -4, 3], { dtype: 'float64' })).mul(t.mul(2).cos()));
};

/** w'Aw / 2 - b'w. */
export const quadraticLoss =
  (A: readonly (readonly number[])[], b: readonly number[] = A.map(() => 0)) =>
  ({ w }: LossPoint): Tensor => {
    const x = w.flat.cast('float64').reshape([-1, 1]);
    const Ax = constant(A, { dtype: 'float64' }).matmul(x);
    return x
      .dot(Ax)
      .mul(0.5)
      .sub(x.dot(constant(b, { dtype: 'float64' }).reshape([-1, 1])));
  };

/** The numbers of w0 as one 2 x 2 hidden matrix. */
export const asMatrix = { W: { shape: [2, 2], values: [...w0], role: 'matrix' } } as const;

/** Rosenbrock's valley, (1 - x)^2 + 100 (y - x^2)^2. */
export const rosenbrockLoss = ({ w }: LossPoint): Tensor => {
  const x = w.flat.at(0, 0);
  const y = w.flat.at(0, 1);
  return x.neg().add(1).square().add(y.sub(x.square()).square().mul(100));
};
