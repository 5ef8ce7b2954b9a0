import type { Outcome, TrialPlan, TrialProgress } from './protocol.ts';
import { type Bench, runTrial } from './trial.ts';

/** Runs one trial at a time. A trial always ends with an outcome; the promise is never rejected. */
export interface Lane {
  run(plan: TrialPlan, onProgress: (progress: TrialProgress) => void, signal: AbortSignal): Promise<Outcome>;
}

/** Where trials run. */
export interface TrialRunner {
  /** Loads what every trial needs, and says whether the task has data; rejects when that is not to be had. */
  prepare(): Promise<{ readonly hasData: boolean }>;
  readonly lanes: readonly Lane[];
  close(): Promise<void>;
}

/** One trial at a time, in this process: for one job, and for tasks and optimizers that are functions of the caller. */
export const inProcess = (bench: Bench): TrialRunner => ({
  prepare: async () => ({ hasData: (await bench.task.data()) !== null }),
  lanes: [{ run: (plan, onProgress, signal) => runTrial(bench, plan, onProgress, signal) }],
  close: async () => {},
});
