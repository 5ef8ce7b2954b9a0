import type { Optimizer } from '../optim/optimizer.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import { Buffers } from './buffers.ts';
import { checkLengths } from './check-lengths.ts';
import { identify } from './identity.ts';
import { Lanes } from './lanes.ts';
import { Minibatches } from './minibatches.ts';
import { layoutOf } from './objective.ts';
import type { Checkpointing, TrainResult } from './options.ts';
import { Run } from './run.ts';
import { Saving } from './saving.ts';
import type { Seed } from './seed.ts';
import { type StepperPlan, SymbolicStepper } from './symbolic-stepper.ts';
import { defaultRuntime } from './train.ts';

export interface SweepOptions {
  readonly task: Task;
  readonly optimizer: Optimizer;
  /** One trial for each: numbers that replace the optimizer's own. What shapes the program (counts, flags, choices) cannot differ. */
  readonly settings: readonly Readonly<Record<string, number>>[];
  /** One for all trials, which then begin at the same parameters and see the same data; or one for each. Default 0. */
  readonly seed?: Seed;
  /** The horizon of the schedule, and the end of the trials. Default: the task's budget. */
  readonly steps?: number;
  /** The trials end after this many of their steps. Default: `steps`. */
  readonly until?: number;
  /** Default: the task's. */
  readonly batchSize?: number;
  /** Steps between evaluations on the validation set. Default: the end alone. */
  readonly evaluateEvery?: number;
  /** Evaluate the test set at the end. Default false. */
  readonly test?: boolean;
  readonly runtime?: Runtime;
  /** One folder for all trials together: a sweep goes on from a checkpoint of the same settings and seeds in the same order. */
  readonly checkpoint?: Checkpointing;
  /** Ends the sweep after the step in progress. */
  readonly signal?: AbortSignal;
  /** After each step of all. Must not keep the loop waiting. */
  readonly onStep?: (step: number) => void;
}

/**
 * What `train` would answer, up to float32 rounding: a trial that diverges ends alone, the others go on. All times are the trial's equal
 * share of those of the sweep.
 */
export interface SweepTrial extends TrainResult {
  readonly values: Optimizer['values'];
  readonly seed: number;
}

/**
 * Trains a task under several settings of one optimizer, on one seed or several, at once: the step is vmapped over the trials and compiled
 * once, so that many small trials become a few large tensor operations.
 */
export async function sweep(options: SweepOptions): Promise<SweepTrial[]> {
  const runtime = options.runtime ?? defaultRuntime();
  const [all, one] = [new Buffers(runtime), new Buffers(runtime)];
  try {
    const trials = configured(options);
    const seeds = seedsFor(trials, options.seed);
    const run = await prepare(options, trials, seeds, runtime, all, one);
    const results = await run.finish();
    return results.map((result, i) => ({ ...result, values: trials[i].values, seed: seeds[i] }));
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

/** The seed of each trial. */
function seedsFor(trials: readonly Optimizer[], seed: Seed = 0): readonly number[] {
  if (typeof seed === 'number') return trials.map(() => seed);
  if (seed.length === trials.length) return seed;
  throw new RangeError(
    `sweep: there are ${seed.length} seeds for ${trials.length} settings; give one, or one for each`,
  );
}

async function prepare(
  options: SweepOptions,
  trials: readonly Optimizer[],
  seeds: readonly number[],
  runtime: Runtime,
  all: Buffers,
  one: Buffers,
): Promise<Run> {
  const began = performance.now();
  const { task, steps = task.steps, until = steps, batchSize = task.batchSize, evaluateEvery = until } = options;
  const { checkpoint, signal, onStep, test = false } = options;
  // What all share is filled and drawn once.
  const seed = new Set(seeds).size === 1 ? seeds[0] : seeds;
  checkLengths('sweep', { seed, steps, until, batchSize, evaluateEvery, checkpoint });
  const splits = await task.data();
  const layout = layoutOf(task);
  const [{ batches: count }] = trials;
  const minibatches = splits && new Minibatches(splits.train, { count, batchSize, seed, buffers: all });
  const plan: StepperPlan = { task, layout, splits, batchSize, seed, steps, runtime, buffers: all, minibatches };
  const saving = checkpoint ? await Saving.open(checkpoint, await identify(plan, trials), until) : null;
  const view = new Lanes(plan, trials.length, one);
  const stepper = await SymbolicStepper.create(trials, plan);
  return new Run({
    plan,
    trials: trials.length,
    stepper,
    view,
    saving,
    until,
    evaluateEvery,
    test,
    signal,
    began,
    onStep,
    onEvaluation: undefined,
  });
}
