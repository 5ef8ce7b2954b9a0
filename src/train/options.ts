import type { DrivenOptimizer } from '../optim/driven.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Task } from '../tasks/task.ts';
import type { Evaluation, RunResult } from './result.ts';

export interface Checkpointing {
  /**
   * Folder of the checkpoints, the last one and the one before it; made when missing. A run that finds a checkpoint of its own there goes on
   * from it, to the same bits. 'memory:' and a name: kept in the memory of this process (all that there is in a browser).
   */
  readonly directory: string;
  /** Steps between two checkpoints. Default: by `seconds` alone. An interruption is always saved. */
  readonly every?: number;
  /** Seconds between two checkpoints, from the end of one to the first step after them. Default: by `every` alone. */
  readonly seconds?: number;
  /** Save the end too? A diverged run has none to save. Default true. */
  readonly atEnd?: boolean;
  /**
   * Folder of the checkpoint of another run, to begin from its newest one where `directory` has none: parameters, optimizer state, what the
   * model keeps, step and history so far. That run may have other hyperparameters and another `until`; all else must agree. With the same
   * values this run ends bit-identical to one that never stopped. CheckpointError when it is not there, damaged, or of another kind.
   */
  readonly from?: string;
  /**
   * Told of a checkpoint in `directory` that is damaged, which is removed (the run goes on from the one before, else it begins anew), and of
   * one that could not be written, a full disk say (the run goes on without). Default: either ends the run with its error.
   */
  readonly onProblem?: (error: Error) => void;
}

/** Called while a run goes on. What they throw ends the run. */
export interface Hooks {
  /**
   * After each step, with the loss of its first minibatch (NaN where the method asked for none); `steps` is where the run ends. Must not
   * keep the loop waiting.
   */
  onStep?(progress: { readonly step: number; readonly steps: number; readonly loss: number }): void;
  onEvaluation?(evaluation: Evaluation): void;
}

export interface TrainOptions {
  readonly task: Task;
  readonly optimizer: Optimizer | DrivenOptimizer;
  /** Initial parameters, data order and random inputs all follow from it. Default 0. */
  readonly seed?: number;
  /** The horizon of the schedule, and the end of the run. Default: the task's budget. */
  readonly steps?: number;
  /** The run ends after this many of its steps, evaluated there, as 'finished'; the schedule is still that of `steps`. Default: `steps`. */
  readonly until?: number;
  /** Default: the task's. */
  readonly batchSize?: number;
  /** Steps between evaluations on the validation set. Default: a tenth of `steps`. The end is always evaluated. */
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
