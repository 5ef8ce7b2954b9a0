import type { Splits } from '../data/dataset.ts';
import { mapProgram } from '../optim/map-program.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { noCalls, type OracleCalls } from '../optim/oracle.ts';
import {
  type Program,
  type StepProgram,
  serves,
  traceEvaluationPoint,
  traceInit,
  traceStep,
  validationInputs,
} from '../optim/step-program.ts';
import type { Buffer, TypedArray } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import type { Layout } from '../tensor/bundle.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import type { Buffers } from './buffers.ts';
import { CheckpointError } from './checkpoint-types.ts';
import type { Minibatches } from './minibatches.ts';
import { trainingObjective } from './objective.ts';
import type { Seed } from './seed.ts';
import { addCalls, isState, type Saved, type Stepper } from './stepper.ts';

/** What both kinds of stepper are made from. */
export interface StepperPlan {
  readonly task: Task;
  readonly layout: Layout;
  readonly splits: Splits | null;
  readonly batchSize: number;
  readonly seed: Seed;
  readonly steps: number;
  readonly runtime: Runtime;
  readonly buffers: Buffers;
  readonly minibatches: Minibatches | null;
}

interface Phase {
  readonly program: StepProgram;
  readonly bound: BoundProgram;
}

/** One trial; or several, whose optimizers differ in numbers only: then all tensors that are a trial's own have the trials along axis 0. */
export type Trials = Optimizer | readonly Optimizer[];

/** What trials that share a seed have in common. */
const isShared = (name: string): boolean => isClock(name) || name.startsWith('batch');
const isClock = (name: string): boolean => name === 't' || name === 'horizon';

/** Runs a symbolic method: one compiled program for each combination of phases, compiled when first met. */
export class SymbolicStepper implements Stepper {
  readonly calls: OracleCalls = noCalls();
  compileSeconds = 0;
  private readonly phases: Phase[] = [];
  private readonly optimizer: Optimizer;
  /** Trials along axis 0; null for one trial, whose tensors have no such axis. */
  private readonly lanes: number | null;
  private readonly plan: StepperPlan;
  private atEvaluation: BoundProgram | undefined;

  private constructor(optimizer: Optimizer, lanes: number | null, plan: StepperPlan) {
    this.optimizer = optimizer;
    this.lanes = lanes;
    this.plan = plan;
  }

  /** Sets the hyperparameters and makes the initial state from the parameters in buffer 'w'. */
  static async create(trials: Trials, plan: StepperPlan): Promise<SymbolicStepper> {
    const [optimizers, lanes] = 'kind' in trials ? [[trials], null] : [trials, trials.length];
    const [optimizer] = optimizers;
    const stepper = new SymbolicStepper(optimizer, lanes, plan);
    const { buffers, layout, seed, steps } = plan;
    buffers.get('t', [], 'float64');
    buffers.get('horizon', [], 'float64').data[0] = steps;
    for (const trial of optimizers.keys()) stepper.observe(Number.NaN, 0, trial);
    for (const [name, { kind }] of Object.entries(optimizer.spec)) {
      if (kind !== 'number' && kind !== 'optional') continue;
      stepper.scalars(`hyper.${name}`).set(optimizers.map(({ values }) => values[name] as number));
    }
    await stepper.timed(async () => {
      const init = traceInit(optimizer, layout);
      if (init.outputs.length > 0) await (await stepper.bind(init)).run(seed, 0);
      const point = traceEvaluationPoint(optimizer, layout);
      if (point) stepper.atEvaluation = await stepper.bind(point, { w: 'evaluation.w' });
    });
    return stepper;
  }

  get losses(): ArrayLike<number> | undefined {
    return this.plan.buffers.find('loss')?.data;
  }

  step(t: number): void | Promise<void> {
    const phase = this.phases.find(({ program }) => serves(program, t));
    return phase ? this.run(phase, t) : this.compile(t).then((compiled) => this.run(compiled, t));
  }

  async evaluationPoint(t: number): Promise<string> {
    if (!this.atEvaluation) return 'w';
    this.plan.buffers.get('t', [], 'float64').data[0] = t;
    await this.atEvaluation.run(this.plan.seed, t);
    return 'evaluation.w';
  }

  observe(loss: number, count: number, trial = 0): void {
    this.scalars(validationInputs.loss)[trial] = loss;
    this.scalars(validationInputs.count)[trial] = count;
  }

  stateBytes(): number {
    const { buffers } = this.plan;
    const state = buffers.names().filter(isState);
    return state.reduce((sum, name) => sum + bytesOf(buffers.find(name) as Buffer), 0) / (this.lanes ?? 1);
  }

  save(): Saved {
    const { buffers } = this.plan;
    const tensors = this.kept().map((name) => {
      const { shape, data } = buffers.find(name) as Buffer;
      return [name, { shape, data }];
    });
    return { tensors: Object.fromEntries(tensors), extra: this.calls };
  }

  /** Names of the tensors of a checkpoint. */
  private kept(): string[] {
    return this.plan.buffers.names().filter((name) => name === 'w' || isState(name) || name.startsWith('model.'));
  }

  load({ tensors, extra }: Saved): void {
    const { buffers } = this.plan;
    const lacking = this.kept().find((name) => !(name in tensors));
    if (lacking !== undefined) throw new CheckpointError(`the checkpoint lacks '${lacking}' of ${this.optimizer.id}`);
    for (const [name, { data }] of Object.entries(tensors)) {
      const target = buffers.find(name);
      if (target?.data.length !== data.length) {
        throw new CheckpointError(
          `the checkpoint holds '${name}' [${data.length}], which ${this.optimizer.id} has not`,
        );
      }
      target.data.set(data);
    }
    Object.assign(this.calls, extra);
  }

  private run({ program, bound }: Phase, t: number): void | Promise<void> {
    const { buffers, minibatches, seed } = this.plan;
    minibatches?.fill(t);
    (buffers.find('t') as Buffer).data[0] = t;
    addCalls(this.calls, program.calls);
    return bound.run(seed, t);
  }

  /** A number of each trial. */
  private scalars(name: string): TypedArray {
    return this.plan.buffers.get(name, this.lanes === null ? [] : [this.lanes], 'float64').data;
  }

  /** Compiles a program for all trials. */
  private bind(program: Program, rename?: Readonly<Record<string, string>>): Promise<BoundProgram> {
    const { runtime, buffers, seed } = this.plan;
    if (this.lanes === null) return bindProgram(program, runtime, buffers, rename);
    const ownSeeds = typeof seed !== 'number';
    const isOwn = (name: string): boolean => !(ownSeeds ? isClock(name) : isShared(name));
    return bindProgram(mapProgram(program, this.lanes, isOwn, ownSeeds), runtime, buffers, rename);
  }

  private async compile(t: number): Promise<Phase> {
    const { task, layout, splits, batchSize } = this.plan;
    return this.timed(async () => {
      const fields = splits?.train.fields ?? {};
      const program = traceStep(this.optimizer, layout, () => trainingObjective(task, fields, batchSize), t);
      const phase = { program, bound: await this.bind(program) };
      this.phases.push(phase);
      return phase;
    });
  }

  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.compileSeconds += (performance.now() - start) / 1000;
    return result;
  }
}
