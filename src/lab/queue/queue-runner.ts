import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, withoutResult } from '../plan.ts';
import { JobLost, type Lane, type TrialRunner } from '../run/lane.ts';
import { nameOf, thisProcess } from '../store/holder.ts';
import type { Lab } from '../store/lab.ts';
import { withoutPassword } from '../store/postgres.ts';
import { type JobState, jobKey, type QueuedJob, RaceQueue } from './queue.ts';

/** Seconds between two looks at the queue. */
const lookInterval = 0.5;
/** Seconds without any worker after which that is said. */
const noWorkerAfter = 15;
/** Seconds that the end of a race waits for a database that cannot be reached. */
const closeWithin = 10;

export interface QueueRunnerOptions {
  /** postgres://... of the database that holds the lab, and the queue beside it. */
  readonly address: string;
  readonly lab: Lab;
  /** Id of the race, which the caller holds. */
  readonly race: string;
  /** Jobs in the queue at once, so that workers that end one find the next. Default 64. */
  readonly ahead?: number;
  /** A worker that gives no sign of life for so long is taken for dead, and its job is given to another one. Default 30, at least 10. */
  readonly heartbeatSeconds?: number;
  readonly onWarning?: (text: string) => void;
}

/**
 * Trials run wherever a `thalweg worker` takes them from the queue of the race. A lane puts its job there and waits until the lab holds
 * the outcomes, which the worker wrote. Nothing that matters is in this process: it may be killed and started again, and workers go on
 * meanwhile with what is in the queue.
 */
export function queueRunner(options: QueueRunnerOptions): TrialRunner {
  const watch = new QueueWatch(options);
  const lane: Lane = { remote: true, run: (...told) => watch.run(...told) };
  return {
    prepare: () => watch.open(),
    lanes: Array.from({ length: options.ahead ?? 64 }, () => lane),
    close: () => watch.close(),
  };
}

/** A job that a lane waits for. */
interface Waiting extends QueuedJob {
  /** A worker has it, and its trials are so far. */
  readonly hear: (progress: JobState['progress']) => void;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (lost: JobLost) => void;
  /** Is it in the queue, as far as is known? */
  placed: boolean;
  /** Is it to run before the others: a worker began with it already? */
  first: boolean;
}

class QueueWatch {
  readonly #options: QueueRunnerOptions;
  readonly #heartbeatSeconds: number;
  readonly #onWarning: (text: string) => void;
  readonly #waiting = new Map<string, Waiting>();
  readonly #closed = new AbortController();
  readonly #said = new Set<string>();
  #queue: RaceQueue | null = null;
  #nudge: AbortController | null = null;
  #watching: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;
  #supervised = Number.NEGATIVE_INFINITY;
  #lastSign = performance.now();

  constructor(options: QueueRunnerOptions) {
    this.#options = options;
    this.#heartbeatSeconds = options.heartbeatSeconds ?? 30;
    this.#onWarning = options.onWarning ?? (() => {});
  }

  async open(): Promise<void> {
    const { address, race } = this.#options;
    const queue = await RaceQueue.open(address, this.#onWarning);
    this.#queue = queue;
    await queue.begin(race, this.#heartbeatSeconds);
    this.#lastSign = performance.now();
    this.#watching = this.#watch(queue);
  }

  run(...[job, onProgress, signal, ancestors, onBegin]: Parameters<Lane['run']>): Promise<readonly Outcome[]> {
    const key = jobKey(job);
    const told: number[] = [];
    return new Promise((resolve, reject) => {
      const interrupt = () => {
        this.#waiting.delete(key);
        resolve(job.map(() => withoutResult('interrupted')));
      };
      if (signal.aborted) return interrupt();
      signal.addEventListener('abort', interrupt, { once: true });
      const settled = () => {
        this.#waiting.delete(key);
        signal.removeEventListener('abort', interrupt);
      };
      this.#waiting.set(key, {
        trials: job,
        ancestors,
        hear: (progress) => {
          onBegin?.();
          for (const [i, at] of progress.entries()) {
            if (at === null || at.step === told[i]) continue;
            told[i] = at.step;
            onProgress(job[i], at);
          }
        },
        placed: false,
        first: false,
        resolve: (outcomes) => {
          settled();
          resolve(outcomes);
        },
        reject: (lost) => {
          settled();
          reject(lost);
        },
      });
      this.#nudge?.abort();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort();
    await this.#watching;
    const queue = this.#queue;
    if (queue === null) return;
    // Whatever is still in the queue of an interrupted race goes, and workers stop what they run; it is put in again on resuming.
    const ended = this.#endQueue(queue).catch((error: Error) =>
      this.#say(`the queue was left as it is: ${error.message}`),
    );
    await Promise.race([ended, sleep(1000 * closeWithin, undefined, { ref: false })]);
    await queue.close();
    await ended;
  }

  async #endQueue(queue: RaceQueue): Promise<void> {
    const { lab, race } = this.#options;
    const { holder } = await queue.patience.try(() => lab.find(race));
    // Taken over by another coordinator, while this one did not answer: the queue is that one's now.
    if (holder !== null && holder !== nameOf(thisProcess())) return;
    await queue.end(race);
  }

  async #watch(queue: RaceQueue): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      let failed = false;
      try {
        await this.#place(queue);
        await this.#look(queue);
        await this.#supervise(queue);
      } catch (error) {
        failed = true;
        if (!signal.aborted) await this.#mend(queue, error as Error);
      }
      await this.#pause(signal, failed);
    }
  }

  /** Until the next look; not at all when a lane has a new job, unless it could not be put into the queue just now. */
  async #pause(signal: AbortSignal, failed: boolean): Promise<void> {
    if (!failed && [...this.#waiting.values()].some(({ placed }) => !placed)) return;
    const nudge = new AbortController();
    this.#nudge = nudge;
    const either = AbortSignal.any([signal, nudge.signal]);
    await sleep(1000 * lookInterval, undefined, { signal: either }).catch(() => {});
  }

  async #place(queue: RaceQueue): Promise<void> {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.placed) continue;
      await queue.put(this.#options.race, { trials: waiting.trials, ancestors: waiting.ancestors }, waiting.first);
      waiting.placed = true;
    }
  }

  async #look(queue: RaceQueue): Promise<void> {
    const { race } = this.#options;
    // Those that come while the answer is under way are not in it.
    const asked = [...this.#waiting].filter(([, { placed }]) => placed);
    const jobs = await queue.jobs(race);
    const byKey = new Map<string, JobState>();
    for (const job of jobs) {
      // The newest counts, for an older one has ended; but what is recorded need not be done again.
      if (byKey.get(job.key)?.end?.end !== 'recorded') byKey.set(job.key, job);
    }
    for (const [key, waiting] of asked) {
      const job = byKey.get(key);
      if (job === undefined) again(waiting);
      else if (job.end !== null) await this.#settle(queue, waiting, job.end);
      else if (job.running) waiting.hear(job.progress);
    }
    const over = jobs.filter(({ key, end }) => end !== null || byKey.get(key)?.end?.end === 'recorded');
    await queue.remove(
      race,
      over.map(({ id }) => id),
    );
    this.#missWorkers(jobs);
  }

  async #settle(queue: RaceQueue, waiting: Waiting, how: NonNullable<JobState['end']>): Promise<void> {
    const { lab, race } = this.#options;
    switch (how.end) {
      case 'recorded': {
        const read = waiting.trials.map(({ id }) => queue.patience.try(() => lab.trial(race, id)));
        const outcomes = (await Promise.all(read)).map(({ outcome }) => outcome);
        if (outcomes.every((outcome) => outcome !== null)) waiting.resolve(outcomes);
        else waiting.reject(new JobLost('its outcome is not in the lab', 'though a worker recorded it'));
        return;
      }
      case 'returned':
        this.#say(how.why);
        again(waiting);
        return;
      case 'lost':
        waiting.reject(new JobLost(how.what, how.detail, how.step));
        return;
      case 'given up':
        waiting.reject(new JobLost('the queue gave it up', how.why));
    }
  }

  async #supervise(queue: RaceQueue): Promise<void> {
    const now = performance.now();
    if (now - this.#supervised < 200 * this.#heartbeatSeconds) return;
    // After an outage that may have been everybody's, workers have the time to renew their leases first.
    if (queue.patience.secondsSinceOutage < this.#heartbeatSeconds) return;
    this.#supervised = now;
    await queue.supervise(this.#options.race);
  }

  #missWorkers(jobs: readonly JobState[]): void {
    if (jobs.length === 0 || jobs.some(({ running, end }) => running || end !== null)) {
      this.#lastSign = performance.now();
    } else if (performance.now() - this.#lastSign > 1000 * noWorkerAfter) {
      const command = `thalweg worker --queue '${withoutPassword(this.#options.address)}'`;
      this.#say(`no worker takes the trials of this race; start some with: ${command}`);
    }
  }

  /** Somebody may have removed the queue by hand. Other troubles are said once and may pass: no trial fails by them. */
  async #mend(queue: RaceQueue, error: Error): Promise<void> {
    this.#say(`queue: ${error.message}`);
    if (!/does not exist/.test(error.message)) return;
    await queue.begin(this.#options.race, this.#heartbeatSeconds).catch((again: Error) => this.#say(again.message));
    for (const waiting of this.#waiting.values()) waiting.placed = false;
  }

  #say(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#onWarning(text);
  }
}

function again(waiting: Waiting): void {
  waiting.placed = false;
  waiting.first = true;
}
