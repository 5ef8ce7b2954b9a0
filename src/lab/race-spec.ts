import type { EngineName } from '../runtime/engine.ts';
import type { Target, Task } from '../tasks/task.ts';
import type { GivenCompetitor } from './competitor.ts';
import type { SchedulePlan } from './plan.ts';

/** A race as its author writes it, in a file or in a call. `planRace` completes and checks it. */
export interface RaceSpec {
  /** Default: the labels of its tasks. */
  readonly name?: string;
  readonly tasks: readonly (string | Task | TaskOptions)[];
  readonly competitors: readonly GivenCompetitor[];
  /** How settings are chosen and judged: its kind, or kind and options. Default 'equal-budget'. */
  readonly protocol?: string | ProtocolOptions;
  /** Final runs of each competitor on each task. Default 3. */
  readonly seeds?: number;
  /** Search points and run seeds follow from it. Default 0. */
  readonly seed?: number;
  /** Default: 5% linear warm-up, then linear decay to zero. */
  readonly schedule?: SchedulePlan;
  /** Label of the competitor that speed-ups are measured against. Default 'adamw', where it takes part. */
  readonly baseline?: string;
  /** Default 'auto'. */
  readonly engine?: EngineName;
  /** File that exports tasks and optimizers of your own, a whole path. A race file that is a module is its own. */
  readonly module?: string;
}

export interface ProtocolOptions {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** A task in a race, where it is not as it comes. */
export interface TaskOptions {
  /** A name, of the registry or of the race's module, or a task of your own. */
  readonly task: string | Task;
  /** What tables and charts call it. Default: its name. */
  readonly label?: string;
  /** Steps of a whole run. Default: the task's budget. */
  readonly steps?: number;
  readonly batchSize?: number;
  /** Evaluations in a final run, evenly spaced. Default 20. */
  readonly evaluations?: number;
  /** A value of the task's own metric that counts as done, or another metric and its value. */
  readonly target?: number | Target;
  /** For protocols that compare scales: which model size it is, and how much data it sees as a multiple of the smallest budget. */
  readonly scale?: { readonly size: string; readonly ratio: number };
}

/** For a race file in TypeScript: `export default defineRace({ ... })`. It returns what it is given; the types check it. */
export const defineRace = (race: RaceSpec): RaceSpec => race;
