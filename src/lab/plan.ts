import type { EngineName } from '../runtime/engine.ts';
import type { Target } from '../tasks/task.ts';
import type { Evaluation, RunResult, RunStatus } from '../train/result.ts';
import type { SearchSpace } from './search/search.ts';

/** Plain data throughout: the plan of a race and its trials travel between processes and into databases as JSON. */

export type Values = Readonly<Record<string, number | boolean | string>>;

/** The learning rate of a run: rises linearly over a share of the steps, then falls to zero. */
export interface SchedulePlan {
  /** Share of the steps, in [0, 1). */
  readonly warmup: number;
  readonly decay: 'linear' | 'cosine' | 'none';
}

/** What is trained in a race, and for how long. One task may take part twice, under two labels: with other budgets, say. */
export interface TaskPlan {
  /** What tables and charts call it. */
  readonly label: string;
  /** A name that the registry of tasks understands, or that of a task of the race's module. */
  readonly task: string;
  readonly summary: string;
  /** False for a task that is a function of its parameters: it has no validation and no test set. */
  readonly hasData: boolean;
  /** Number of trained parameters. */
  readonly parameters: number;
  readonly batchSize: number;
  /** Steps of a whole run: the horizon of the schedule. */
  readonly steps: number;
  /** Evaluations in a final run, evenly spaced. */
  readonly evaluations: number;
  readonly target: Target;
  /** For protocols that compare scales: which model size it is, and how much data it sees as a multiple of the smallest budget. */
  readonly scale?: { readonly size: string; readonly ratio: number };
}

/** One method in a race. */
export interface CompetitorPlan {
  /** What tables and charts call it. */
  readonly label: string;
  /** A name that the registry understands, or that of an optimizer of the race's module. */
  readonly optimizer: string;
  /** Hyperparameters that are not tuned and not at their defaults. */
  readonly fixed: Values;
  /** What is tuned, and where. */
  readonly space: SearchSpace;
  /** The values that a coordinate-wise search tries, where they are not those it would derive from `space`. */
  readonly grids?: Readonly<Record<string, readonly number[]>>;
  /** The defaults of what is tuned: where a search that needs a beginning begins. */
  readonly start: Readonly<Record<string, number>>;
  /** False for methods that are defined without a learning-rate schedule. */
  readonly scheduled: boolean;
}

/** The protocol of a race: its kind, and its options, complete. */
export interface ProtocolPlan {
  readonly kind: string;
  readonly options: unknown;
}

/** Everything that fixes the outcome of a race, up to the clock. Two races with equal plans end with equal numbers. */
export interface RacePlan {
  readonly name: string;
  readonly tasks: readonly TaskPlan[];
  readonly competitors: readonly CompetitorPlan[];
  /** Label of the competitor that speed-ups are measured against; null when it does not take part. */
  readonly baseline: string | null;
  /** How settings are chosen and judged, with all of its options. */
  readonly protocol: ProtocolPlan;
  /** Search points and run seeds follow from it. */
  readonly seed: number;
  /** The run seed of all tuning trials. */
  readonly tuneSeed: number;
  /** Run seeds of the final runs. No tuning trial saw them. */
  readonly finalSeeds: readonly number[];
  readonly schedule: SchedulePlan;
  readonly engine: EngineName;
  /** File that exports tasks and optimizers of the user's own (the race file); null when all are the registry's. */
  readonly module: string | null;
}

export type Phase = 'tune' | 'final';

/** One training run of a race. */
export interface TrialPlan {
  /** Unique in the race, and the same in every run of the same plan: 'mnist-mlp/adamw/tune/3@390'. */
  readonly id: string;
  /** Label of its task. */
  readonly task: string;
  /** Label of its competitor. */
  readonly competitor: string;
  readonly phase: Phase;
  /** From 0, within task, competitor and phase. */
  readonly index: number;
  readonly seed: number;
  /** The horizon of the schedule. */
  readonly steps: number;
  /** The trial ends after this many of them. */
  readonly until: number;
  readonly evaluateEvery: number;
  readonly test: boolean;
  /** Tuned hyperparameters. */
  readonly values: Values;
  /** Id of the trial whose end this one goes on from: its parameters, optimizer state and history. Its values may be other ones. */
  readonly from?: string;
  /** Evaluate the validation set before the first step, too: what a loss at the end is measured against. */
  readonly evaluateStart?: boolean;
  /** Others may go on from the end of this one, so that its last checkpoint is kept until the race ends. */
  readonly keep?: boolean;
  /** Trials of one batch differ in values and seeds only, and run as one vmapped program. */
  readonly batch?: string;
}

/** What became of a trial. A failed one ended by an error (of the engine, or of its process), which is not a divergence. */
export interface Outcome extends Omit<RunResult, 'status'> {
  readonly status: RunStatus | 'failed';
  readonly error?: string;
  /** Before the first step, where the plan asks for it. Not among `validation`: no target is met by it. */
  readonly start?: Evaluation;
  /** Largest resident memory of its process, in bytes; NaN where nobody looked. */
  readonly peakBytes: number;
}

export interface Trial {
  readonly plan: TrialPlan;
  readonly outcome: Outcome;
}

/** The trials of a race that have ended, by id. */
export type Ended = ReadonlyMap<string, Trial>;

export interface TrialProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

/** How large a race is where nothing fails. */
export interface RaceSize {
  readonly trials: number;
  readonly steps: number;
  /** These are bounds: how many trials there are depends on how they end. */
  readonly fewer?: boolean;
}

/** The setting that a protocol chose for a competitor on a task; null values when no tuning trial finished. */
export interface Choice {
  readonly task: string;
  readonly competitor: string;
  readonly values: Values | null;
}

/** What happens during a race, as it happens. */
export type RaceEvent =
  | { readonly type: 'prepared'; readonly plan: RacePlan; readonly size: RaceSize; readonly ended: readonly Trial[] }
  | { readonly type: 'started'; readonly plan: TrialPlan; readonly attempt: number }
  | { readonly type: 'progress'; readonly plan: TrialPlan; readonly progress: TrialProgress }
  | { readonly type: 'ended'; readonly trial: Trial }
  /** A trial lost its process, or its checkpoint, and starts again from what is left of it. */
  | { readonly type: 'lost'; readonly plan: TrialPlan; readonly attempt: number; readonly why: string }
  | { readonly type: 'chosen'; readonly choice: Choice }
  | { readonly type: 'warning'; readonly text: string };

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
  peakBytes: Number.NaN,
});
