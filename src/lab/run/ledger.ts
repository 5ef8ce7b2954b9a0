import type { Trial, TrialPlan } from '../plan.ts';

/**
 * Where a race that runs writes down what happened. When a promise resolves, what was written survives the death of every process.
 * The methods reject when that cannot be promised (a full disk, a lost database): then the race stops.
 */
export interface Ledger {
  /** All trials that have ended, once each. */
  ended(): Promise<readonly Trial[]>;
  /** A trial begins, for the first time (attempt 1) or again. */
  started(plans: readonly TrialPlan[], attempt: number): Promise<void>;
  /** Trials ended. All of them are written, or none; a trial that is there already stays as it is. Interrupted ones are not to be given. */
  record(trials: readonly Trial[]): Promise<void>;
}

/** For races that nobody asked to keep. */
export function memoryLedger(): Ledger {
  const trials = new Map<string, Trial>();
  return {
    ended: async () => [...trials.values()],
    started: async () => {},
    record: async (ended) => {
      for (const trial of ended) if (!trials.has(trial.plan.id)) trials.set(trial.plan.id, trial);
    },
  };
}
