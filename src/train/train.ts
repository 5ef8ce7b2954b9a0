import { createRuntime, type Runtime } from '../runtime/runtime.ts';
import { Buffers } from './buffers.ts';
import { checkLengths } from './check-lengths.ts';
import { DrivenStepper } from './driven-stepper.ts';
import { Evaluator } from './evaluator.ts';
import { identify } from './identity.ts';
import { initializeTask } from './initialize.ts';
import { Minibatches } from './minibatches.ts';
import { layoutOf } from './objective.ts';
import type { TrainOptions, TrainResult } from './options.ts';
import { Run } from './run.ts';
import { Saving } from './saving.ts';
import { type StepperPlan, SymbolicStepper } from './symbolic-stepper.ts';

let shared: Runtime | undefined;

/** The process-wide runtime, with the 'auto' engine. */
export function defaultRuntime(): Runtime {
  shared ??= createRuntime();
  return shared;
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
    const run = await prepare(options, runtime, buffers);
    const [result] = await run.finish();
    return result;
  } finally {
    buffers.release();
  }
}

async function prepare(options: TrainOptions, runtime: Runtime, buffers: Buffers): Promise<Run> {
  const began = performance.now();
  const { task, optimizer, seed = 0, steps = task.steps, until = steps, batchSize = task.batchSize } = options;
  if (optimizer?.kind !== 'symbolic' && optimizer?.kind !== 'driven') {
    const called = typeof optimizer === 'function' ? '; it is a factory: call it' : '';
    throw new TypeError(`train: optimizer must be a configured method such as adamw({ lr: 1e-3 })${called}`);
  }
  const { evaluateEvery = Math.max(1, Math.floor(steps / 10)), checkpoint, hooks, signal, test = false } = options;
  checkLengths('train', { seed, steps, until, batchSize, evaluateEvery, checkpoint });
  const splits = await task.data();
  const layout = layoutOf(task);
  initializeTask(task, seed, buffers);
  const minibatches = splits && new Minibatches(splits.train, { count: optimizer.batches, batchSize, seed, buffers });
  const plan: StepperPlan = { task, layout, splits, batchSize, seed, steps, runtime, buffers, minibatches };
  // A checkpoint of another run is refused before anything is computed.
  const saving = checkpoint ? await Saving.open(checkpoint, await identify(plan, optimizer), until) : null;
  const stepper =
    optimizer.kind === 'driven' ? new DrivenStepper(optimizer, plan) : await SymbolicStepper.create(optimizer, plan);
  const evaluator = new Evaluator(task, layout, runtime, buffers);
  return new Run({
    plan,
    trials: 1,
    stepper,
    view: { buffers, evaluator, show: (_, parameters) => parameters },
    saving,
    until,
    evaluateEvery,
    test,
    signal,
    began,
    onStep: hooks?.onStep && ((step, loss) => hooks.onStep?.({ step, steps: until, loss })),
    onEvaluation: hooks?.onEvaluation && ((evaluation) => hooks.onEvaluation?.(evaluation)),
  });
}
