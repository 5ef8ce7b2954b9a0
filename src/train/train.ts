import type { Dataset } from '../data/dataset.ts';
import type { Buffer } from '../runtime/engine.ts';
import { createRuntime, type Runtime } from '../runtime/runtime.ts';
import { Breath } from './breath.ts';
import { Buffers } from './buffers.ts';
import { readBeginning, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type Checkpoint, CheckpointError, type RunIdentity } from './checkpoint-types.ts';
import { DrivenStepper } from './driven-stepper.ts';
import { Evaluator } from './evaluator.ts';
import { identify } from './identity.ts';
import { initializeTask } from './initialize.ts';
import { median } from './median.ts';
import { Minibatches } from './minibatches.ts';
import { layoutOf } from './objective.ts';
import type { Checkpointing, TrainOptions, TrainResult } from './options.ts';
import type { Evaluation, RunStatus } from './result.ts';
import type { Stepper } from './stepper.ts';
import { type StepperPlan, SymbolicStepper } from './symbolic-stepper.ts';

let shared: Runtime | undefined;

/** The process-wide runtime, with the 'auto' engine. */
export function defaultRuntime(): Runtime {
  shared ??= createRuntime();
  return shared;
}

/** Points of the recorded training curve; a longer run records every so many steps. */
const curvePoints = 500;

/** The median time of a step is taken over this many steps at most. */
const timedSteps = 2000;

/** What a run has seen so far; a checkpoint keeps it. */
interface History {
  seconds: number;
  milliseconds: number[];
  trainLoss: { step: number; loss: number }[];
  validation: Evaluation[];
}

/**
 * Trains a task with an optimizer: a step compiled once for each phase, data without replacement in each epoch from a seeded
 * permutation, evaluation at the optimizer's evaluation parameters. A loss that is not finite ends the run as 'diverged' at its step.
 * With `checkpoint`, a run that was killed goes on from its last checkpoint and ends bit-identical to one that never stopped.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const runtime = options.runtime ?? defaultRuntime();
  const buffers = new Buffers(runtime);
  try {
    return await new Run(await prepare(options, runtime, buffers)).finish();
  } finally {
    buffers.release();
  }
}

interface Saving extends Checkpointing {
  readonly identity: RunIdentity;
}

interface Prepared {
  readonly options: TrainOptions;
  readonly until: number;
  readonly saving: Saving | undefined;
  readonly plan: StepperPlan;
  readonly stepper: Stepper;
  readonly evaluator: Evaluator;
  readonly resumed: Checkpoint | null;
}

const wholeNumber = (name: string, value: number, least: number): void => {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`train: ${name} is ${value}; it must be a whole number from ${least}`);
  }
};

async function prepare(options: TrainOptions, runtime: Runtime, buffers: Buffers): Promise<Prepared> {
  const { task, optimizer, seed = 0, steps = task.steps, until = steps, batchSize = task.batchSize } = options;
  if (optimizer?.kind !== 'symbolic' && optimizer?.kind !== 'driven') {
    const called = typeof optimizer === 'function' ? '; it is a factory: call it' : '';
    throw new TypeError(`train: optimizer must be a configured method such as adamw({ lr: 1e-3 })${called}`);
  }
  wholeNumber('steps', steps, 1);
  wholeNumber('until', until, 1);
  if (until > steps) throw new RangeError(`train: until is ${until}, but the run has ${steps} steps`);
  wholeNumber('batchSize', batchSize, 1);
  wholeNumber('seed', seed, 0);
  wholeNumber('evaluateEvery', options.evaluateEvery ?? 1, 1);
  wholeNumber('checkpoint.every', options.checkpoint?.every ?? 1, 1);
  const { seconds = 0 } = options.checkpoint ?? {};
  if (!(seconds >= 0)) throw new RangeError(`train: checkpoint.seconds is ${seconds}; it must be a number from 0`);
  const splits = await task.data();
  const layout = layoutOf(task);
  initializeTask(task, seed, buffers);
  const minibatches = splits && new Minibatches(splits.train, { count: optimizer.batches, batchSize, seed, buffers });
  const plan: StepperPlan = { task, layout, splits, batchSize, seed, steps, runtime, buffers, minibatches };
  // A checkpoint of another run is refused before anything is computed.
  const saving = options.checkpoint && { ...options.checkpoint, identity: await identify(plan, optimizer) };
  const resumed = saving ? await resume(saving, until) : null;
  const stepper =
    optimizer.kind === 'driven' ? new DrivenStepper(optimizer, plan) : await SymbolicStepper.create(optimizer, plan);
  return { options, until, saving, plan, stepper, evaluator: new Evaluator(task, layout, runtime, buffers), resumed };
}

/** The checkpoint to go on from: the run's own, else that of the run that it continues. */
async function resume({ directory, from, identity, onProblem }: Saving, until: number): Promise<Checkpoint | null> {
  const own = await readCheckpoint(directory, identity, onProblem);
  const found = own ?? (from === undefined ? null : await readBeginning(from, identity));
  if (found && found.step > until) {
    const where = own ? directory : from;
    throw new CheckpointError(`the checkpoint in ${where} is at step ${found.step}, and this run ends after ${until}`);
  }
  return found;
}

/** JSON has no NaN: it is null there. A history holds numbers only. */
const numbers = (history: unknown): unknown => {
  if (history === null) return Number.NaN;
  if (Array.isArray(history)) return history.map(numbers);
  if (typeof history !== 'object') return history;
  return Object.fromEntries(Object.entries(history).map(([name, value]) => [name, numbers(value)]));
};

/** One run in progress. */
class Run {
  private readonly prepared: Prepared;
  private readonly history: History = { seconds: 0, milliseconds: [], trainLoss: [], validation: [] };
  private done = 0;
  /** When the last checkpoint was written, as performance.now() tells it. */
  private saved = performance.now();

  constructor(prepared: Prepared) {
    this.prepared = prepared;
    const { resumed, stepper } = prepared;
    if (resumed) {
      stepper.load(resumed.saved);
      Object.assign(this.history, numbers(resumed.history));
      this.done = resumed.step;
      this.observe();
    }
  }

  async finish(): Promise<TrainResult> {
    const status = await this.loop();
    const { splits } = this.prepared.plan;
    const finished = status === 'finished';
    const test = finished && this.prepared.options.test ? await this.evaluate(splits?.test ?? null) : undefined;
    if (status === 'interrupted' || (finished && (this.prepared.saving?.atEnd ?? true))) await this.checkpoint();
    return this.result(status, test);
  }

  private async loop(): Promise<RunStatus> {
    const { options, plan, until } = this.prepared;
    const { steps } = plan;
    const evaluateEvery = options.evaluateEvery ?? Math.max(1, Math.floor(steps / 10));
    const recordEvery = Math.max(1, Math.ceil(steps / curvePoints));
    const breath = new Breath();
    for (let t = this.done + 1; t <= until; t++) {
      if (options.signal?.aborted) return 'interrupted';
      const pending = this.step(t);
      const loss = pending instanceof Promise ? await pending : pending;
      this.done = t;
      if (loss !== undefined) {
        if (t % recordEvery === 0 || t === 1) this.history.trainLoss.push({ step: t, loss });
        if (!Number.isFinite(loss)) return 'diverged';
      }
      options.hooks?.onStep?.({ step: t, steps: until, loss: loss ?? Number.NaN });
      if (t % evaluateEvery === 0 || t === until) {
        const evaluation = await this.evaluate(plan.splits?.validation ?? null);
        this.history.validation.push(evaluation);
        this.observe();
        options.hooks?.onEvaluation?.(evaluation);
        if (!Number.isFinite(evaluation.loss)) return 'diverged';
      }
      if (t < until && this.isDue(t)) await this.checkpoint();
      if (breath.due) await breath.take();
    }
    return 'finished';
  }

  /** One step, timed without what it had to compile first. No promise is made for a synchronous one: that would be garbage at every step. */
  private step(t: number): number | undefined | Promise<number | undefined> {
    const { stepper } = this.prepared;
    const compiled = stepper.compileSeconds;
    const start = performance.now();
    const pending = stepper.step(t);
    if (!(pending instanceof Promise)) {
      this.clock(t, start, compiled);
      return pending;
    }
    return pending.then((loss) => {
      this.clock(t, start, compiled);
      return loss;
    });
  }

  private observe(): void {
    const { validation } = this.history;
    const latest = validation.at(-1);
    if (latest) this.prepared.stepper.observe(latest.loss, validation.length);
  }

  private clock(t: number, start: number, compiled: number): void {
    const milliseconds = performance.now() - start - (this.prepared.stepper.compileSeconds - compiled) * 1000;
    this.history.seconds += milliseconds / 1000;
    if (t <= timedSteps) this.history.milliseconds.push(milliseconds);
  }

  private async evaluate(data: Dataset | null): Promise<Evaluation> {
    const { stepper, evaluator } = this.prepared;
    const means = await evaluator.evaluate(await stepper.evaluationPoint(this.done), data);
    return { step: this.done, seconds: this.history.seconds, ...means };
  }

  /** Is there to be a checkpoint after step t? */
  private isDue(t: number): boolean {
    const { every = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = this.prepared.saving ?? {};
    return t % every === 0 || performance.now() - this.saved >= seconds * 1000;
  }

  private async checkpoint(): Promise<void> {
    const { saving, stepper } = this.prepared;
    if (!saving) return;
    const { directory, identity, onProblem } = saving;
    try {
      await writeCheckpoint(directory, identity, { step: this.done, saved: stepper.save(), history: this.history });
    } catch (error) {
      if (!onProblem) throw error;
      onProblem(error as Error);
    }
    this.saved = performance.now();
  }

  private async result(status: RunStatus, test: Evaluation | undefined): Promise<TrainResult> {
    const { plan, stepper, evaluator, options } = this.prepared;
    const { metric, value } = options.task.target;
    const reached = this.history.validation.find(
      ({ loss, metrics }) => (metric === 'loss' ? loss : metrics[metric]) <= value,
    );
    const name = await stepper.evaluationPoint(this.done);
    const point = (plan.buffers.find(name) as Buffer).data;
    const { seconds, milliseconds, trainLoss, validation } = this.history;
    return {
      status,
      steps: this.done,
      seconds,
      trainLoss,
      validation,
      ...(test && { test }),
      cost: {
        calls: { ...stepper.calls },
        stateBytesPerParameter: stepper.stateBytes() / plan.layout.size,
        millisecondsPerStep: median(milliseconds),
        compileSeconds: stepper.compileSeconds + evaluator.compileSeconds,
      },
      ...(reached && { targetReached: { step: reached.step, seconds: reached.seconds } }),
      parameters: Object.fromEntries(
        plan.layout.leaves.map(({ name, shape, offset, size }) => [
          name,
          { shape, data: point.slice(offset, offset + size) as Float32Array | Float64Array },
        ]),
      ),
      buffers: Object.fromEntries(
        Object.entries(options.task.buffers).map(([name, { shape }]) => {
          const { data } = plan.buffers.get(`model.${name}`, shape, 'float32');
          return [name, { shape, data: data.slice() as Float32Array | Float64Array }];
        }),
      ),
    };
  }
}
