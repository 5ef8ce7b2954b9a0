import type { Splits } from '../data/dataset.ts';
import { mapProgram } from '../optim/map-program.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { noCalls } from '../optim/oracle.ts';
import {
  type Program,
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
import { Breath } from './breath.ts';
import { Buffers } from './buffers.ts';
import { Evaluator } from './evaluator.ts';
import { initializeTask } from './initialize.ts';
import { median } from './median.ts';
import { Minibatches } from './minibatches.ts';
import { layoutOf, trainingObjective } from './objective.ts';
import type { Cost, Evaluation, RunStatus } from './result.ts';
import { addCalls, isState } from './stepper.ts';
import { defaultRuntime } from './train.ts';

export interface SweepOptions {
  readonly task: Task;
  readonly optimizer: Optimizer;
  /** One trial for each: numbers that replace the optimizer's own. What shapes the program (counts, flags, choices) cannot differ. */
  readonly settings: readonly Readonly<Record<string, number>>[];
  /** All trials begin at the same parameters and see the same data. Default 0. */
  readonly seed?: number;
  /** The horizon of the schedule, and the end of the trials. Default: the task's budget. */
  readonly steps?: number;
  /** The trials end after this many of their steps. Default: `steps`. */
  readonly until?: number;
  /** Default: the task's. */
  readonly batchSize?: number;
  /** Steps between evaluations on the validation set. Default: the end alone. */
  readonly evaluateEvery?: number;
  readonly runtime?: Runtime;
  /** Ends the sweep after the step in progress. */
  readonly signal?: AbortSignal;
  /** After each step of all. Must not keep the loop waiting. */
  readonly onStep?: (step: number) => void;
}

export interface SweepTrial {
  readonly values: Optimizer['values'];
  /** 'diverged' when a loss was not finite; the other trials go on. */
  readonly status: RunStatus;
  /** Steps done, or the first step whose loss was not finite. */
  readonly steps: number;
  /** The loss of every step that was done. */
  readonly trainLoss: readonly number[];
  /** Seconds in it are those of the steps of all trials together. */
  readonly validation: readonly Evaluation[];
  /** Oracle calls and state are those of the trial; times are its equal share of those of all trials. */
  readonly cost: Cost;
  /** The trained parameters at the optimizer's evaluation point, flat, in the order of `task.parameters`. */
  readonly parameters: Float32Array;
}

/**
 * Trains a task under several settings of one optimizer at once: the step is vmapped over the settings and compiled once, so that many small
 * trials become a few large tensor operations. Each trial is the one that `train` would run, up to float32 rounding.
 */
export async function sweep(options: SweepOptions): Promise<SweepTrial[]> {
  const runtime = options.runtime ?? defaultRuntime();
  const all = new Buffers(runtime);
  const one = new Buffers(runtime);
  try {
    const running = await Sweep.begin(options, configured(options), runtime, all, one);
    await running.loop();
    return await running.results();
  } finally {
    all.release();
    one.release();
  }
}

/** The trials' optimizers; refuses settings that would need programs of their own. */
function configured({ optimizer, settings }: SweepOptions): Optimizer[] {
  if (settings.length === 0) throw new RangeError('sweep: settings are empty; give a record of numbers for each trial');
  const trials = settings.map((values) => optimizer.with({ ...optimizer.values, ...values }));
  const apart = whatSetsApart(trials);
  if (apart !== null) throw new RangeError(`sweep: ${apart}, and shapes the program; sweep each alone`);
  return trials;
}

/** A hyperparameter by which these settings of one optimizer need programs of their own, with its values; null when one program serves all. */
export function whatSetsApart(trials: readonly Optimizer[]): string | null {
  for (const [name, { kind }] of Object.entries(trials[0].spec)) {
    if (kind === 'number') continue;
    const given = trials.map(({ values }) => values[name]);
    const shapes = new Set(kind === 'optional' ? given.map((value) => value !== 0) : given);
    if (shapes.size > 1) return `${name} is ${[...new Set(given)].join(' and ')}`;
  }
  return null;
}

/** What all trials have in common. */
const isShared = (name: string): boolean => name === 't' || name === 'horizon' || name.startsWith('batch');

interface Plan {
  readonly options: SweepOptions;
  readonly trials: readonly Optimizer[];
  readonly splits: Splits | null;
  readonly layout: Layout;
  readonly minibatches: Minibatches | null;
  /** The tensors of all trials, trials along axis 0. */
  readonly all: Buffers;
  /** Those of a trial that begins or is evaluated. */
  readonly one: Buffers;
  readonly evaluator: Evaluator;
  /** Compiles a program for all trials. */
  bind(program: Program, rename?: Readonly<Record<string, string>>): Promise<BoundProgram>;
}

interface Phase {
  readonly program: StepProgram;
  readonly bound: BoundProgram;
}

class Sweep {
  private readonly plan: Plan;
  private readonly atEvaluation: BoundProgram | null;
  private readonly curves: { readonly trainLoss: number[]; readonly validation: Evaluation[] }[];
  private readonly phases: Phase[] = [];
  private readonly until: number;
  private readonly milliseconds: number[] = [];
  private seconds = 0;
  private compileSeconds = 0;
  private done = 0;

  private constructor(plan: Plan, atEvaluation: BoundProgram | null) {
    const { task, steps = task.steps, until = steps } = plan.options;
    this.until = until;
    this.plan = plan;
    this.atEvaluation = atEvaluation;
    this.curves = plan.trials.map(() => ({ trainLoss: [], validation: [] }));
  }

  static async begin(
    options: SweepOptions,
    trials: readonly Optimizer[],
    runtime: Runtime,
    all: Buffers,
    one: Buffers,
  ) {
    const { task, seed = 0, batchSize = task.batchSize } = options;
    const [optimizer] = trials;
    const splits = await task.data();
    const layout = layoutOf(task);
    const plan: Plan = {
      options,
      trials,
      splits,
      layout,
      minibatches: splits && new Minibatches(splits.train, { count: optimizer.batches, batchSize, seed, buffers: all }),
      all,
      one,
      evaluator: new Evaluator(task, layout, runtime, one),
      bind: (program, rename) =>
        bindProgram(
          mapProgram(program, trials.length, (name) => !isShared(name)),
          runtime,
          all,
          rename,
        ),
    };
    initializeTask(task, seed, one);
    for (const name of one.names()) {
      const begun = one.find(name) as Buffer;
      const rows = all.get(name, [trials.length, ...begun.shape], begun.dtype).data;
      // Not before: to make room for the rows, memory may grow and leave older views behind.
      const { data } = begun;
      for (let at = 0; at < rows.length; at += data.length) rows.set(data, at);
    }
    all.get('t', [], 'float64');
    all.get('horizon', [], 'float64').data[0] = options.steps ?? task.steps;
    for (const [name, { kind }] of Object.entries(optimizer.spec)) {
      if (kind !== 'number' && kind !== 'optional') continue;
      const numbers = trials.map(({ values }) => values[name] as number);
      all.get(`hyper.${name}`, [trials.length], 'float64').data.set(numbers);
    }
    all.get(validationInputs.loss, [trials.length], 'float64').data.fill(Number.NaN);
    all.get(validationInputs.count, [trials.length], 'float64');
    const init = traceInit(optimizer, layout);
    if (init.outputs.length > 0) await (await plan.bind(init)).run(seed, 0);
    const point = traceEvaluationPoint(optimizer, layout);
    return new Sweep(plan, point && (await plan.bind(point, { w: 'evaluation.w' })));
  }

  async loop(): Promise<void> {
    const { until } = this;
    const { evaluateEvery = until, signal, onStep } = this.plan.options;
    const breath = new Breath();
    while (this.done < until && !signal?.aborted) {
      await this.step(this.done + 1);
      onStep?.(this.done);
      if (this.done % evaluateEvery === 0 || this.done === until) await this.evaluate();
      if (breath.due) await breath.take();
    }
  }

  async results(): Promise<SweepTrial[]> {
    const { trials, one } = this.plan;
    const results: SweepTrial[] = [];
    for (const [trial, { values }] of trials.entries()) {
      await this.select(trial);
      const diverged = this.hasDiverged(trial);
      const steps = diverged ? this.curves[trial].trainLoss.length : this.done;
      results.push({
        values,
        status: diverged ? 'diverged' : this.done < this.until ? 'interrupted' : 'finished',
        steps,
        ...this.curves[trial],
        cost: this.cost(steps),
        parameters: (one.find('w') as Buffer).data.slice() as Float32Array,
      });
    }
    return results;
  }

  /** Of a trial that did so many steps. */
  private cost(steps: number): Cost {
    const { all, trials, layout, evaluator } = this.plan;
    const calls = noCalls();
    for (let t = 1; t <= steps; t++) {
      addCalls(calls, (this.phases.find(({ program }) => serves(program, t)) as Phase).program.calls);
    }
    const state = all.names().filter(isState);
    return {
      calls,
      stateBytesPerParameter:
        state.reduce((sum, name) => sum + bytesOf(all.find(name) as Buffer), 0) / trials.length / layout.size,
      millisecondsPerStep: median(this.milliseconds) / trials.length,
      compileSeconds: (this.compileSeconds + evaluator.compileSeconds) / trials.length,
    };
  }

  private async step(t: number): Promise<void> {
    const { all, minibatches, options } = this.plan;
    const { bound } = this.phases.find(({ program }) => serves(program, t)) ?? (await this.compile(t));
    const start = performance.now();
    minibatches?.fill(t);
    (all.find('t') as Buffer).data[0] = t;
    const pending = bound.run(options.seed ?? 0, t);
    if (pending) await pending;
    const milliseconds = performance.now() - start;
    this.milliseconds.push(milliseconds);
    this.seconds += milliseconds / 1000;
    this.done = t;
    const losses = all.find('loss')?.data;
    if (!losses) return;
    for (const [trial, { trainLoss }] of this.curves.entries()) {
      if (!this.hasDiverged(trial)) trainLoss.push(losses[trial]);
    }
  }

  private async compile(t: number): Promise<Phase> {
    const start = performance.now();
    const { trials, layout, options, splits } = this.plan;
    const { task, batchSize = task.batchSize } = options;
    const objective = () => trainingObjective(task, splits?.train.fields ?? {}, batchSize);
    const program = traceStep(trials[0], layout, objective, t);
    const phase = { program, bound: await this.plan.bind(program) };
    this.phases.push(phase);
    this.compileSeconds += (performance.now() - start) / 1000;
    return phase;
  }

  private async evaluate(): Promise<void> {
    const { all, evaluator, splits } = this.plan;
    const [step, seconds] = [this.done, this.seconds];
    for (const [trial, { validation }] of this.curves.entries()) {
      if (this.hasDiverged(trial)) continue;
      await this.select(trial);
      const means = await evaluator.evaluate('w', splits?.validation ?? null);
      validation.push({ step, seconds, ...means });
      (all.find(validationInputs.loss) as Buffer).data[trial] = means.loss;
      (all.find(validationInputs.count) as Buffer).data[trial] = validation.length;
    }
  }

  /** Puts the tensors of a trial, at its evaluation point, where a trial alone has them. */
  private async select(trial: number): Promise<void> {
    const { all, one, options } = this.plan;
    (all.find('t') as Buffer).data[0] = this.done;
    await this.atEvaluation?.run(options.seed ?? 0, this.done);
    for (const name of this.kept) {
      const to = (one.find(name) as Buffer).data;
      const from = (all.find(name === 'w' && this.atEvaluation ? 'evaluation.w' : name) as Buffer).data;
      to.set(from.subarray(trial * to.length, (trial + 1) * to.length));
    }
  }

  private get kept(): string[] {
    return ['w', ...Object.keys(this.plan.options.task.buffers).map((name) => `model.${name}`)];
  }

  /** A curve ends with the first loss that is not finite. */
  private hasDiverged(trial: number): boolean {
    const { trainLoss } = this.curves[trial];
    return trainLoss.length > 0 && !Number.isFinite(trainLoss[trainLoss.length - 1]);
  }
}
