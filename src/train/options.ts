import type { DrivenOptimizer } from '../optim/driven.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import type { Evaluation, RunResult } from './result.ts';

export interface Checkpointing {
  /** Folder of the checkpoint; made when missing. A run that finds its own checkpoint there goes on from it. */
  readonly directory: string;
  /** Steps between two checkpoints. The end and an interruption are always saved. */
  readonly every: number;
}

/** Called while a run goes on. What they throw ends the run. */
export interface Hooks {
  /** After each step, with the loss of its first minibatch (NaN where the method asked for none). Must not keep the loop waiting. */
  onStep?(progress: { readonly step: number; readonly steps: number; readonly loss: number }): void;
  onEvaluation?(evaluation: Evaluation): void;
}

export interface TrainOptions {
  readonly task: Task;
  readonly optimizer: Optimizer | DrivenOptimizer;
  /** Initial parameters, data order and random inputs all follow from it. Default 0. */
  readonly seed?: number;
  /** Default: the task's budget. */
  readonly steps?: number;
  /** Default: the task's. */
  readonly batchSize?: number;
  /** Steps between evaluations on the validation set. Default: a tenth of the steps. The end is always evaluated. */
  readonly evaluateEvery?: number;
  /** Evaluate the test set at the end. Default false. */
  readonly test?: boolean;
  /** Where programs are compiled and run. Default: the process-wide runtime with the 'auto' engine. */
  readonly runtime?: Runtime;
  readonly checkpoint?: Checkpointing;
  readonly hooks?: Hooks;
  /** Ends the run after the step in progress, as 'interrupted'. */
  readonly signal?: AbortSignal;
}

/** Tensors by name, as plain arrays. */
export type Arrays = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array | Float64Array }>
>;

export interface TrainResult extends RunResult {
  /** The trained parameters at the optimizer's evaluation point, by name. */
  readonly parameters: Arrays;
  /** What the model keeps but does not train (running statistics), by name. */
  readonly buffers: Arrays;
}
