import type { Machine } from '../machine.ts';
import type { Outcome, Phase, RacePlan, Trial, TrialPlan } from '../plan.ts';
import type { Ledger } from '../run/ledger.ts';

/** What a lab keeps: races, their trials, the curves of each trial. One SQLite file, or one PostgreSQL database. */
export interface Lab {
  /** As it was opened: a path or a postgres:// address, without a password. */
  readonly name: string;
  create(plan: RacePlan, about: About): Promise<string>;
  /** Newest first. */
  races(): Promise<readonly RaceSummary[]>;
  /** By its id, or by a beginning of it that only one race has. `latest` is the newest. Refuses others by LabError, naming what there is. */
  find(id: string): Promise<RaceRecord>;
  /**
   * Takes hold of a race, so that nobody else runs it: LabError when another process does, naming it. The hold is kept up by a timer
   * and ends with `release`, or by itself a while after the process died.
   */
  hold(id: string): Promise<HeldRace>;
  /** The same without a hold: for the workers of a queue, where many write to one race. */
  ledger(id: string): Promise<Ledger>;
  /** All trials that ended, in the order of their ids, in full or as far as scores need them. */
  trials(id: string, detail?: Detail): Promise<readonly Trial[]>;
  /** One trial, with its curves, whatever its state. By its id, or a beginning that only it has. Refuses others by LabError. */
  trial(id: string, trial: string): Promise<TrialRecord>;
  /**
   * Several trials by their whole ids, in this order, each as `trial` gives it; those that are not there are left out. Without `curves`,
   * of each curve its first and its last point.
   */
  records(
    id: string,
    trials: readonly string[],
    options?: { readonly curves?: boolean },
  ): Promise<readonly TrialRecord[]>;
  /** What every trial came to, without curves: fast for ten thousand. */
  summaries(id: string): Promise<readonly TrialSummary[]>;
  /** Bytes of the curves of each race, which are most of a lab; races without any are left out. */
  sizes(): Promise<ReadonlyMap<string, number>>;
  /** Deletes races with all of their trials; all of them, or none. LabError for one that is held. */
  remove(ids: readonly string[]): Promise<void>;
  /** Gives disk space back. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

/**
 * 'all': with all curves, which are nine tenths of a lab. 'scores': what scores and report are made of, validation curves of final runs
 * in full, and of every other curve its first and its last point.
 */
export type Detail = 'all' | 'scores';

export interface About {
  readonly machine: Machine;
  /** What to type to repeat the race. */
  readonly command: string | null;
}

export type RaceStatus = 'running' | 'interrupted' | 'finished';

export interface RaceSummary {
  readonly id: string;
  readonly name: string;
  /** 'running' only while somebody holds it. */
  readonly status: RaceStatus;
  /** ISO 8601. */
  readonly created: string;
  readonly tasks: readonly string[];
  readonly competitors: readonly string[];
  readonly protocol: string;
  readonly ended: number;
  readonly failed: number;
  /** Trials that began and have not ended. */
  readonly running: number;
  /** Of all the times that it ran. */
  readonly seconds: number;
  /** Host and process that holds it. */
  readonly holder: string | null;
}

export interface RaceRecord extends RaceSummary {
  readonly plan: RacePlan;
  readonly machine: Machine;
  readonly command: string | null;
}

export interface HeldRace extends Ledger {
  readonly id: string;
  /** Aborts when the hold is lost: another process has taken the race over. */
  readonly lost: AbortSignal;
  /** How this run of it ended, and the wall-clock seconds it took. Lets go of it, too. LabError when the hold was lost. */
  end(status: 'interrupted' | 'finished', seconds: number): Promise<void>;
  release(): Promise<void>;
}

export interface TrialSummary {
  readonly id: string;
  readonly task: string;
  readonly competitor: string;
  readonly phase: Phase;
  readonly index: number;
  readonly seed: number;
  readonly values: TrialPlan['values'];
  readonly state: 'running' | 'ended';
  readonly attempts: number;
  readonly status: Outcome['status'] | null;
  readonly steps: number;
  /** At the end: loss and the task's metric on the validation set, and on the test set where it was asked for. */
  readonly loss: number;
  readonly metric: number;
  readonly test: number;
  readonly seconds: number;
  readonly error: string | null;
}

export interface TrialRecord extends TrialSummary {
  readonly plan: TrialPlan;
  readonly outcome: Outcome | null;
  /** Host and process that ran it last, and thalweg's version there. */
  readonly worker: string;
  readonly version: string;
  readonly machine: string;
  readonly started: string;
  readonly ended: string | null;
}

/** A lab that cannot be opened or does not hold what was asked for. */
export class LabError extends Error {
  override readonly name: string = 'LabError';
}

/** A lab that fails, whatever it is asked for: its disk is full, its server is away, another process has taken a race over. */
export class LabFailure extends LabError {
  override readonly name: string = 'LabFailure';
}
