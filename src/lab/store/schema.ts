import type { Insertable, Selectable } from 'kysely';

/** The tables of a lab, the same in SQLite and PostgreSQL. Times are ISO 8601 texts, except in holds; structures are JSON texts. */
export interface Schema {
  readonly versions: Versions;
  readonly races: Races;
  readonly holds: Holds;
  readonly trials: Trials;
  readonly curves: Curves;
}

/** Which thalweg brought the lab to which migration. This table never changes, so that an older thalweg can name the newer one. */
export interface Versions {
  readonly migration: string;
  readonly thalweg: string;
  readonly migrated: string;
}

export interface Races {
  readonly id: string;
  readonly name: string;
  /** RacePlan. */
  readonly plan: string;
  /** Machine, with versions. */
  readonly machine: string;
  readonly command: string | null;
  readonly created: string;
  /** 'finished' or 'interrupted'; that it runs is said by its hold. */
  readonly status: string;
  /** Of all the times that it ran and came to an end. */
  readonly seconds: number;
}

/** Who runs a race. Times are milliseconds since 1970 by the clock that all share: the host's for SQLite, the server's for PostgreSQL. */
export interface Holds {
  readonly race: string;
  /** Random; whoever knows it has the hold. */
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  /** Where its process number means something, and when that process began; see holder.ts. */
  readonly space: string;
  readonly life: string;
  readonly since: number;
  readonly renewed: number;
  readonly expires: number;
}

/** One row for each trial, by its primary key: this is what makes a result be there once, whoever else had it too. */
export interface Trials {
  readonly race: string;
  readonly trial: string;
  readonly task: string;
  readonly competitor: string;
  readonly phase: string;
  readonly place: number;
  readonly seed: number;
  /** TrialPlan. */
  readonly plan: string;
  /** 'running' or 'ended'. */
  readonly state: string;
  readonly attempts: number;
  readonly worker: string;
  readonly version: string;
  readonly machine: string;
  readonly started: string;
  readonly ended: string | null;
  readonly status: string | null;
  readonly steps: number | null;
  readonly loss: number | null;
  readonly metric: number | null;
  readonly test: number | null;
  readonly seconds: number | null;
  readonly error: string | null;
  /** Outcome, with no more of its curves than their ends. */
  readonly outcome: string | null;
}

/** The points of a series as one text; see curves.ts. */
export interface Curves {
  readonly race: string;
  readonly series: string;
  readonly trial: string;
  readonly points: string;
}

export type RaceRow = Selectable<Races>;
export type HoldRow = Selectable<Holds>;
export type TrialRow = Selectable<Trials>;
export type NewTrialRow = Insertable<Trials>;
