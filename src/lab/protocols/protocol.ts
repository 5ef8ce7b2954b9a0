import type { z } from 'zod';
import type { Choice, Ended, RacePlan, RaceSize, Trial, TrialPlan } from '../plan.ts';

/**
 * A protocol says which trials a race consists of, and what they show. Like a tuner it is a pure function of what has ended: it keeps
 * nothing, so a race that was killed goes on by asking again.
 */
export interface Protocol<Options = unknown> {
  /** As a race file names it: 'equal-budget'. */
  readonly kind: string;
  /** One line: what it compares, and how. */
  readonly summary: string;
  /** Paper, and section or algorithm. */
  readonly source: string;
  /** Checks what a race file gives and fills in the defaults. */
  readonly options: z.ZodType<Options>;
  /** Refuses, by ProtocolError, a race that it cannot run: too few tasks, say. */
  check?(race: RacePlan, options: Options): void;
  /** In words, for report and terminal: 'Each optimizer was tuned with 12 quasi-random trials ...'. Plain sentences. */
  describe(race: RacePlan, options: Options): string;
  /** All trials that are known to be needed by now, in the order in which they are to run; those that ended are among them. */
  plan(race: RacePlan, options: Options, ended: Ended): readonly TrialPlan[];
  /** What has been decided by now. */
  choices(race: RacePlan, options: Options, ended: Ended): readonly Choice[];
  size(race: RacePlan, options: Options): RaceSize;
  /** Trials that only its findings speak of: the common tables of a race leave them out. */
  aside?(trial: TrialPlan): boolean;
  /** What it shows beyond the common tables of a race. */
  findings?(race: RacePlan, options: Options, trials: readonly Trial[]): readonly Finding[];
}

/** A race that a protocol cannot run. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** A table or a few sentences that a protocol adds to the report. */
export interface Finding {
  readonly title: string;
  /** How to read it, and its limits. */
  readonly note: string;
  readonly columns: readonly { readonly head: string; readonly align: 'left' | 'right' }[];
  /** Cells as they are shown. */
  readonly rows: readonly (readonly string[])[];
}
