import type { Outcome, TrialPlan, TrialProgress } from '../plan.ts';

/** What runs as one: a trial, or the trials of one batch. */
export type Job = readonly TrialPlan[];

/** A job that ended without outcomes: its process died, hung, or took too much memory. It may be run again. */
export class JobLost extends Error {
  override readonly name = 'JobLost';
  /** What happened: 'its process died'. */
  readonly what: string;
  /** More of it: 'SIGKILL'. */
  readonly detail: string;
  /** Steps done at the last checkpoint that is left: from there it goes on. */
  readonly step: number;

  constructor(what: string, detail = '', step = 0) {
    super(detail ? `${what} (${detail})` : what);
    this.what = what;
    this.detail = detail;
    this.step = step;
  }
}

/**
 * Runs one job at a time. Resolves to an outcome for each trial of the job, in its order; rejects with JobLost, or with another error when
 * nothing can be run any more, which ends the race.
 */
export interface Lane {
  /** Its jobs wait for a worker elsewhere, which also writes down that they began. */
  readonly remote?: true;
  run(
    job: Job,
    onProgress: (plan: TrialPlan, progress: TrialProgress) => void,
    signal: AbortSignal,
    /** The trials that those of the job go on from, and so on back to the first: for when their checkpoints are gone. */
    ancestors: readonly TrialPlan[],
    /** Of a remote lane: a worker has taken the job. May be called again. */
    onBegin?: () => void,
  ): Promise<readonly Outcome[]>;
}

/** Where trials run. */
export interface TrialRunner {
  /** Starts what trials need; rejects when that is not to be had. */
  prepare(): Promise<void>;
  readonly lanes: readonly Lane[];
  close(): Promise<void>;
}
