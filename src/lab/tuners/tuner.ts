import type { z } from 'zod';
import type { SearchSpace } from '../search/search.ts';

/**
 * A tuner chooses settings of one competitor. It is a pure function: told what has ended, it says what it wants to be run. It keeps
 * nothing between two calls and never looks at a clock, so a race goes on where it stopped by asking again, and the same results give
 * the same questions whatever order they came in, and however many ran at once.
 */
export interface Tuner<Options = unknown> {
  /** As a race file names it: 'quasi-random', 'hyperband'. */
  readonly kind: string;
  /** One line: what it does. */
  readonly summary: string;
  /** Paper and equation or algorithm. */
  readonly source: string;
  /** Checks what a race file gives and fills in the defaults. */
  readonly options: z.ZodType<Options>;
  /** Of what it does with these options, the words after 'was tuned with': '12 quasi-random settings'. Default: kind and options. */
  describe?(options: Options): string;
  advise(study: Study, options: Options, results: Results): Advice;
  /** What it comes to where no probe fails. */
  most(study: Study, options: Options): StudySize;
}

/** Probes, and steps of all of them together. */
export interface StudySize {
  readonly probes: number;
  readonly steps: number;
  /** These are bounds: how many there are depends on how probes end. */
  readonly fewer?: boolean;
}

/** What a tuner works on. */
export interface Study {
  readonly space: SearchSpace;
  /** Where a search that needs a beginning begins: the defaults of what is tuned. */
  readonly start: Readonly<Record<string, number>>;
  readonly grids?: Readonly<Record<string, readonly number[]>>;
  /** Steps of a whole run. */
  readonly steps: number;
  readonly seed: number;
}

/** One training run that a tuner asks for. */
export interface Probe {
  /** Unique in the study: '3', or '3@27' at a lesser budget. */
  readonly key: string;
  readonly values: Readonly<Record<string, number>>;
  /** It ends after this many of the study's steps. */
  readonly until: number;
  /** Key of the probe whose end it goes on from. */
  readonly from?: string;
  /** Others may go on from its end. */
  readonly keep?: boolean;
  /**
   * Its place among all probes that there may ever be, from 0. Tuners whose list can grow in the middle give it, so that it stays the same
   * whatever ended first. Default: its place in the list.
   */
  readonly index?: number;
}

/** How a probe ended. */
export interface Result {
  /** Lower is better; infinite where it diverged or failed. Ties go to the lower `loss`, then to the earlier probe. */
  readonly score: number;
  readonly loss: number;
}

/** By the key of the probe. */
export type Results = ReadonlyMap<string, Result>;

export interface Advice {
  /** All probes that are known to be needed by now, in the order in which they are to run; those that ended are among them. */
  readonly probes: readonly Probe[];
  /** Null while the tuning goes on. */
  readonly done: { readonly best: Probe | null } | null;
}
