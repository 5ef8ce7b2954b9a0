import type { Lease } from './queue.ts';

/** Renews a lease four times as often as needed, until it is lost or the work is done. */
export class LeaseKeeper {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(lease: Lease) {
    let asking = false;
    this.#timer = setInterval(() => {
      if (asking) return;
      asking = true;
      lease
        .renew()
        .then((kept) => {
          if (!kept) this.#lost.abort();
        })
        // Not an answer: the worker is about to end.
        .catch(() => {})
        .finally(() => {
          asking = false;
        });
    }, 250 * lease.heartbeatSeconds);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
