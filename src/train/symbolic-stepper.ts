import type { Splits } from '../data/dataset.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { noCalls, type OracleCalls } from '../optim/oracle.ts';
import {
  type StepProgram,
  serves,
  traceEvaluationPoint,
  traceInit,
  traceStep,
  validationInputs,
} from '../optim/step-program.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import type { Layout } from '../tensor/bundle.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { type BoundProgram, bindProgram } from './bound-program.ts';
import type { Buffers } from './buffers.ts';
import { CheckpointError } from './checkpoint-types.ts';
import type { Minibatches } from './minibatches.ts';
import { trainingObjective } from './objective.ts';
import { addCalls, isState, type Saved, type Stepper } from './stepper.ts';

/** What both kinds of stepper are made from. */
export interface StepperPlan {
  readonly task: Task;
  readonly layout: Layout;
  readonly splits: Splits | null;
  readonly batchSize: number;
  readonly seed: number;
  readonly steps: number;
  readonly runtime: Runtime;
  readonly buffers: Buffers;
  readonly minibatches: Minibatches | null;
}

interface Phase {
  readonly program: StepProgram;
  readonly bound: BoundProgram;
}

/** Runs a symbolic method: one compiled program for each combination of phases, compiled when first met. */
export class SymbolicStepper implements Stepper {
  readonly calls: OracleCalls = noCalls();
  compileSeconds = 0;
  private readonly phases: Phase[] = [];
  private readonly optimizer: Optimizer;
  private readonly plan: StepperPlan;
  private atEvaluation: BoundProgram | undefined;

  private constructor(optimizer: Optimizer, plan: StepperPlan) {
    this.optimizer = optimizer;
    this.plan = plan;
  }

  /** Sets the hyperparameters and makes the initial state from the parameters in buffer 'w'. */
  static async create(optimizer: Optimizer, plan: StepperPlan): Promise<SymbolicStepper> {
    const stepper = new SymbolicStepper(optimizer, plan);
    const { buffers, runtime, layout, seed, steps } = plan;
    buffers.get('t', [], 'float64');
    buffers.get('horizon', [], 'float64').data[0] = steps;
    stepper.observe(Number.NaN, 0);
    for (const [name, { kind }] of Object.entries(optimizer.spec)) {
      const numeric = kind === 'number' || kind === 'optional';
      if (numeric) buffers.get(`hyper.${name}`, [], 'float64').data[0] = optimizer.values[name] as number;
    }
    await stepper.timed(async () => {
      const init = traceInit(optimizer, layout);
      if (init.outputs.length > 0) await (await bindProgram(init, runtime, buffers)).run(seed, 0);
      const point = traceEvaluationPoint(optimizer, layout);
      if (point) stepper.atEvaluation = await bindProgram(point, runtime, buffers, { w: 'evaluation.w' });
    });
    return stepper;
  }

  step(t: number): number | undefined | Promise<number | undefined> {
    const phase = this.phases.find(({ program }) => serves(program, t));
    return phase ? this.run(phase, t) : this.compile(t).then((compiled) => this.run(compiled, t));
  }

  async evaluationPoint(t: number): Promise<string> {
    if (!this.atEvaluation) return 'w';
    this.plan.buffers.get('t', [], 'float64').data[0] = t;
    await this.atEvaluation.run(this.plan.seed, t);
    return 'evaluation.w';
  }

  observe(loss: number, count: number): void {
    const { buffers } = this.plan;
    buffers.get(validationInputs.loss, [], 'float64').data[0] = loss;
    buffers.get(validationInputs.count, [], 'float64').data[0] = count;
  }

  stateBytes(): number {
    const { buffers } = this.plan;
    const state = buffers.names().filter(isState);
    return state.reduce((sum, name) => sum + bytesOf(buffers.find(name) as Buffer), 0);
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

  private run({ program, bound }: Phase, t: number): number | undefined | Promise<number | undefined> {
    const { buffers, minibatches, seed } = this.plan;
    minibatches?.fill(t);
    (buffers.find('t') as Buffer).data[0] = t;
    addCalls(this.calls, program.calls);
    const pending = bound.run(seed, t);
    return pending ? pending.then(() => this.loss()) : this.loss();
  }

  private loss(): number | undefined {
    return this.plan.buffers.find('loss')?.data[0];
  }

  private async compile(t: number): Promise<Phase> {
    const { task, layout, splits, batchSize, runtime, buffers } = this.plan;
    return this.timed(async () => {
      const fields = splits?.train.fields ?? {};
      const program = traceStep(this.optimizer, layout, () => trainingObjective(task, fields, batchSize), t);
      const phase = { program, bound: await bindProgram(program, runtime, buffers) };
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
