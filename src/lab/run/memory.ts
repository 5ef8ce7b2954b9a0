import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes that the processes of this machine, or of this container, may have together. */
export function machineMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/** Bytes that a trial may have in any case: below that a limit would stop what every machine can do. */
const leastLimit = 2 * 2 ** 30;

/** Resident bytes that each of so many worker processes may have, in the absence of another rule: four fifths of the machine, shared. */
export const defaultMemoryLimit = (jobs: number): number => Math.max((0.8 * machineMemory()) / jobs, leastLimit);

/** Resident memory of another process in bytes; null where the platform does not tell. */
export function residentBytes(pid: number): number | null {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}

/** Milliseconds between two looks at the machine's memory. */
const patience = 500;

/**
 * Lets jobs begin while there is room for them. As much memory as the largest of the processes took so far must be free, or nothing
 * else be running.
 */
export class MemoryGate {
  #running = 0;
  #largest = 0;
  readonly #available: () => number;

  constructor(available: () => number = () => process.availableMemory()) {
    this.#available = available;
  }

  /** Resolves when a job may begin, or when the signal aborts. Each is followed by one `leave`. */
  async enter(signal: AbortSignal): Promise<void> {
    while (this.#running > 0 && this.#available() < this.#largest && !signal.aborted) {
      await delay(patience, undefined, { signal }).catch(() => {});
    }
    this.#running++;
  }

  leave(): void {
    this.#running--;
  }

  /** A process has so many bytes. */
  saw(bytes: number): void {
    this.#largest = Math.max(this.#largest, bytes);
  }
}
