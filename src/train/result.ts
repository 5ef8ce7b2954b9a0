import type { OracleCalls } from '../optim/oracle.ts';

/** Means over a data split (or the function value itself), at the optimizer's evaluation point. */
export interface Evaluation {
  readonly step: number;
  /** Seconds spent in steps so far; evaluations and set-up are not counted. */
  readonly seconds: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a run cost, as measured. */
export interface Cost {
  /** Oracle calls of all steps, by kind. */
  readonly calls: OracleCalls;
  /** Bytes of optimizer state for each parameter. */
  readonly stateBytesPerParameter: number;
  /** Median wall-clock milliseconds of a step. */
  readonly millisecondsPerStep: number;
  /** Seconds to compile the programs of the run. */
  readonly compileSeconds: number;
}

export type RunStatus = 'finished' | 'diverged' | 'interrupted';

export interface RunResult {
  readonly status: RunStatus;
  /** Steps done; for a diverged run the step whose loss was not finite. */
  readonly steps: number;
  /** Spent in steps; evaluations and set-up are not counted. */
  readonly seconds: number;
  /** From start to end, with set-up and evaluations; of a run that was resumed, those up to its checkpoints too. */
  readonly wallSeconds: number;
  readonly trainLoss: readonly { readonly step: number; readonly loss: number }[];
  readonly validation: readonly Evaluation[];
  /** Only when asked for, and only at the end. */
  readonly test?: Evaluation;
  readonly cost: Cost;
  /** First evaluation at or below the task's target. */
  readonly targetReached?: { readonly step: number; readonly seconds: number };
}
