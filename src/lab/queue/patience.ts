import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds between two tries: the first, and the longest. */
const firstWait = 0.25;
const longestWait = 3;

const errnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** SQLSTATE class 08 (connection exceptions), the shutdown and start of a server, and a server without a free connection. */
const states = /^(08...|57P0[1-5]|53300)$/;

/** What node-postgres says without a code. */
const words =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Query read timeout|not queryable|connection error/i;

/** Is it the way to the database that failed, and not what it was asked? Then the same question may be answered later. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // A server that is down has no socket; other files that are not there are another matter.
  if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect';
  if (errnos.has(code) || states.test(code) || (code === '' && words.test(error.message))) return true;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isOutage);
  return isOutage(error.cause);
}

/**
 * Asks again while the database cannot be reached, with growing waits, for as long as it takes. Everything that shares one of these
 * shares its two messages: that the connection is lost, and that it is back.
 */
export class Patience {
  readonly #onWarning: (text: string) => void;
  readonly #signal: AbortSignal;
  #lostSince: number | null = null;
  #backSince = Number.NEGATIVE_INFINITY;

  /** When `signal` aborts, what is asked fails with the last error instead of waiting on. */
  constructor(onWarning: (text: string) => void, signal: AbortSignal) {
    this.#onWarning = onWarning;
    this.#signal = signal;
  }

  /** What is asked may be asked twice: a connection can break after the question has arrived. */
  async try<T>(ask: () => Promise<T>): Promise<T> {
    for (let wait = firstWait; ; wait = Math.min(longestWait, 2 * wait)) {
      try {
        const answer = await ask();
        this.#found();
        return answer;
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.#missed(error as Error);
        // Many workers lose one database at once; they need not all come back in the same instant.
        const spread = 1 + (process.pid % 16) / 16;
        await sleep(1000 * wait * spread, undefined, { signal: this.#signal }).catch(() => {
          throw error;
        });
      }
    }
  }

  /** Seconds since the connection last came back; infinite when it was never lost, 0 while it is. */
  get secondsSinceOutage(): number {
    return this.#lostSince === null ? (performance.now() - this.#backSince) / 1000 : 0;
  }

  #missed(error: Error): void {
    if (this.#lostSince !== null) return;
    this.#lostSince = performance.now();
    this.#onWarning(`the database cannot be reached (${reason(error)}); trying on`);
  }

  #found(): void {
    if (this.#lostSince === null) return;
    const seconds = (performance.now() - this.#lostSince) / 1000;
    this.#lostSince = null;
    this.#backSince = performance.now();
    this.#onWarning(`the database can be reached again, after ${seconds.toFixed(1)} s`);
  }
}

const reason = (error: Error): string => {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  return (first?.message || error.message).replaceAll(/\s+/g, ' ').trim();
};
