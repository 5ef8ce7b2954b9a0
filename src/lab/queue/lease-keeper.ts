import type { TrialPlan, TrialProgress } from '../plan.ts';
import type { Lease } from './queue.ts';

/** Most seconds between two renewals: with them goes how far the trials are, for whoever watches their race. */
const longestInterval = 5;

/** Renews a lease at least four times as often as needed, until it is lost or the work is done. */
export class LeaseKeeper {
  readonly #lease: Lease;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #progress: (TrialProgress | null)[];

  constructor(lease: Lease) {
    this.#lease = lease;
    this.#progress = lease.job.trials.map(() => null);
    let asking = false;
    const interval = Math.min(longestInterval, lease.heartbeatSeconds / 4);
    this.#timer = setInterval(() => {
      if (asking) return;
      asking = true;
      lease
        .renew(this.#progress)
        .then((kept) => {
          if (!kept) this.#lost.abort();
        })
        // Not an answer: the worker is about to end.
        .catch(() => {})
        .finally(() => {
          asking = false;
        });
    }, 1000 * interval);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** A trial of the job is so far; told with the next renewal. */
  hear({ id }: TrialPlan, progress: TrialProgress): void {
    this.#progress[this.#lease.job.trials.findIndex((trial) => trial.id === id)] = progress;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
