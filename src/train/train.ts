import { readCheckpoint, writeCheckpoint } from '#train/checkpoint';
import type { Dataset } from '../data/dataset.ts';
import type { Buffer } from '../runtime/engine.ts';
import { createRuntime, type Runtime } from '../runtime/runtime.ts';
import { Breath } from './breath.ts';
import { Buffers } from './buffers.ts';
import type { Checkpoint, RunIdentity } from './checkpoint-types.ts';
import { DrivenStepper } from './driven-stepper.ts';
import { Evaluator } from './evaluator.ts';
import { identify } from './identity.ts';
import { initializeTask } from './initialize.ts';
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
  const { task, optimizer, seed = 0, steps = task.steps, batchSize = task.batchSize } = options;
  if (optimizer?.kind !== 'symbolic' && optimizer?.kind !== 'driven') {
    const called = typeof optimizer === 'function' ? '; it is a factory: call it' : '';
    throw new TypeError(`train: optimizer must be a configured method such as adamw({ lr: 1e-3 })${called}`);
  }
  wholeNumber('steps', steps, 1);
  wholeNumber('batchSize', batchSize, 1);
  wholeNumber('seed', seed, 0);
  wholeNumber('evaluateEvery', options.evaluateEvery ?? 1, 1);
  wholeNumber('checkpoint.every', options.checkpoint?.every ?? 1, 1);
  const splits = await task.data();
  const layout = layoutOf(task);
  initializeTask(task, seed, buffers);
  const minibatches = splits && new Minibatches(splits.train, { count: optimizer.batches, batchSize, seed, buffers });
  const plan: StepperPlan = { task, layout, splits, batchSize, seed, steps, runtime, buffers, minibatches };
  // A checkpoint of another run is refused before anything is computed.
  const saving = options.checkpoint && { ...options.checkpoint, identity: await identify(plan, optimizer) };
  const resumed = saving ? await readCheckpoint(saving.directory, saving.identity) : null;
  const stepper =
    optimizer.kind === 'driven' ? new DrivenStepper(optimizer, plan) : await SymbolicStepper.create(optimizer, plan);
  return { options, saving, plan, stepper, evaluator: new Evaluator(task, layout, runtime, buffers), resumed };
}

/** One run in progress. */
class Run {
  private readonly prepared: Prepared;
  private readonly history: History = { seconds: 0, milliseconds: [], trainLoss: [], validation: [] };
  private done = 0;

  constructor(prepared: Prepared) {
    this.prepared = prepared;
    const { resumed, stepper } = prepared;
    if (resumed) {
      stepper.load(resumed.saved);
      Object.assign(this.history, resumed.history);
      this.done = resumed.step;
      this.observe();
    }
  }

  async finish(): Promise<TrainResult> {
    const status = await this.loop();
    const { splits } = this.prepared.plan;
    const finished = status === 'finished';
    const test = finished && this.prepared.options.test ? await this.evaluate(splits?.test ?? null) : undefined;
    if (status !== 'diverged') await this.checkpoint();
    return this.result(status, test);
  }

  private async loop(): Promise<RunStatus> {
    const { options, plan } = this.prepared;
    const { steps } = plan;
    const evaluateEvery = options.evaluateEvery ?? Math.max(1, Math.floor(steps / 10));
    const recordEvery = Math.max(1, Math.ceil(steps / curvePoints));
    const breath = new Breath();
    for (let t = this.done + 1; t <= steps; t++) {
      if (options.signal?.aborted) return 'interrupted';
      const pending = this.step(t);
      const loss = pending instanceof Promise ? await pending : pending;
      this.done = t;
      if (loss !== undefined) {
        if (t % recordEvery === 0 || t === 1) this.history.trainLoss.push({ step: t, loss });
        if (!Number.isFinite(loss)) return 'diverged';
      }
      options.hooks?.onStep?.({ step: t, steps, loss: loss ?? Number.NaN });
      if (t % evaluateEvery === 0 || t === steps) {
        const evaluation = await this.evaluate(plan.splits?.validation ?? null);
        this.history.validation.push(evaluation);
        this.observe();
        options.hooks?.onEvaluation?.(evaluation);
        if (!Number.isFinite(evaluation.loss)) return 'diverged';
      }
      if (options.checkpoint && t % options.checkpoint.every === 0 && t < steps) await this.checkpoint();
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

  private async checkpoint(): Promise<void> {
    const { saving, stepper } = this.prepared;
    if (!saving) return;
    const { directory, identity } = saving;
    await writeCheckpoint(directory, identity, { step: this.done, saved: stepper.save(), history: this.history });
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : sorted[sorted.length >> 1];
}
