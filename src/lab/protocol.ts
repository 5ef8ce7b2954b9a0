import type { EngineName } from '../runtime/engine.ts';
import type { Target } from '../tasks/task.ts';
import type { RunResult, RunStatus } from '../train/result.ts';
import type { SearchMethod, SearchSpace } from './search.ts';

/** Plain data throughout: a protocol and its trials travel between processes and into files as JSON. */

export type Values = Readonly<Record<string, number | boolean | string>>;

/** The learning rate of a run: rises linearly over a share of the steps, then falls to zero. */
export interface SchedulePlan {
  /** Share of the steps, in [0, 1). */
  readonly warmup: number;
  readonly decay: 'linear' | 'cosine' | 'none';
}

/** One method in a race. */
export interface CompetitorPlan {
  /** What tables and charts call it. */
  readonly label: string;
  /** A name that the registry understands, or that of an object given by the caller. */
  readonly optimizer: string;
  /** Hyperparameters that are not tuned and not at their defaults. */
  readonly fixed: Values;
  /** What is tuned, and where. */
  readonly space: SearchSpace;
  /** False for methods that are defined without a learning-rate schedule. */
  readonly scheduled: boolean;
}

/** Everything that fixes the outcome of a race, up to the clock. */
export interface Protocol {
  readonly task: string;
  readonly taskSummary: string;
  /** False for a task that is a function of its parameters: it has no validation and no test set. */
  readonly hasData: boolean;
  /** Number of trained parameters. */
  readonly parameters: number;
  readonly batchSize: number;
  readonly target: Target;
  readonly competitors: readonly CompetitorPlan[];
  /** Label of the competitor that speed-ups are measured against; null when it does not take part. */
  readonly baseline: string | null;
  readonly seed: number;
  readonly search: SearchMethod;
  /** Tuning trials of each competitor. */
  readonly trials: number;
  readonly tuneSteps: number;
  /** The run seed of all tuning trials. */
  readonly tuneSeed: number;
  readonly steps: number;
  /** Run seeds of the final runs. No tuning trial saw them. */
  readonly finalSeeds: readonly number[];
  /** Evaluations in a final run. */
  readonly evaluations: number;
  readonly schedule: SchedulePlan;
  readonly engine: EngineName;
  /** Trials at once. */
  readonly jobs: number;
}

export type Phase = 'tune' | 'final';

/** One training run of a race. */
export interface TrialPlan {
  readonly id: string;
  readonly competitor: string;
  readonly phase: Phase;
  /** From 0, within competitor and phase. */
  readonly index: number;
  readonly seed: number;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly test: boolean;
  /** Tuned hyperparameters. */
  readonly values: Values;
}

/** What became of a trial. A failed one ended by an error (of the engine, or of its process), which is not a divergence. */
export interface Outcome extends Omit<RunResult, 'status'> {
  readonly status: RunStatus | 'failed';
  readonly error?: string;
  /** Seconds from start to end, with set-up and evaluations. */
  readonly wallSeconds: number;
}

export interface Trial {
  readonly plan: TrialPlan;
  readonly outcome: Outcome;
}

export interface TrialProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

/** What happens during a race, as it happens. */
export type RaceEvent =
  | { readonly type: 'prepared'; readonly protocol: Protocol }
  | { readonly type: 'started'; readonly plan: TrialPlan }
  | { readonly type: 'progress'; readonly plan: TrialPlan; readonly progress: TrialProgress }
  | { readonly type: 'ended'; readonly trial: Trial }
  | { readonly type: 'chosen'; readonly competitor: string; readonly trial: Trial | null };

/** An outcome for a trial that has no result of its own. */
export const withoutResult = (status: 'failed' | 'interrupted', error?: string, wallSeconds = 0): Outcome => ({
  status,
  ...(error !== undefined && { error }),
  steps: 0,
  seconds: 0,
  trainLoss: [],
  validation: [],
  cost: {
    calls: { loss: 0, gradient: 0, hessianVector: 0, perExample: 0 },
    stateBytesPerParameter: Number.NaN,
    millisecondsPerStep: Number.NaN,
    compileSeconds: 0,
  },
  wallSeconds,
});
