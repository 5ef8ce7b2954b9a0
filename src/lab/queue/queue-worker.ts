import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerPool } from '#lab/run/worker-pool';
import { openLab } from '#lab/store/open';
import type { Outcome, Trial, TrialPlan, TrialProgress } from '../plan.ts';
import { CheckpointFolders } from '../run/checkpoint-folders.ts';
import { type Job, JobLost, type TrialRunner } from '../run/lane.ts';
import type { Ledger } from '../run/ledger.ts';
import { defaultMemoryLimit } from '../run/memory.ts';
import type { Lab, RaceRecord } from '../store/lab.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { OpenRaces } from './open-races.ts';
import { isOutage } from './patience.ts';
import { type JobEnd, type Lease, RaceQueue } from './queue.ts';

/** Seconds between two looks for work while there is none. */
const lookInterval = 1;
/** Seconds for which the lab itself tries again; then the worker says that something is wrong, and goes on trying. */
const labPatience = 5;
/** Seconds for which a worker that is told to stop still waits for a database that cannot be reached, with what it has to say. */
const stopWithin = 10;

export interface QueueWorkerOptions {
  /** postgres://... of the database with the labs and the queue. */
  readonly address: string;
  /** Trials at once, each in a process of its own. */
  readonly jobs: number;
  /** Folder for the checkpoints of trials: a folder for each race in it. */
  readonly checkpoints: string;
  /** Also races that were begun by another version of thalweg, whose numbers may differ. */
  readonly anyVersion?: boolean;
  /** Ends after so many seconds without work. Default: never. */
  readonly untilIdle?: number;
  /** Each of the processes runs one job, then the worker ends. */
  readonly once?: boolean;
  readonly memoryLimit?: number;
  readonly hangSeconds?: number;
  /** What runs the trials of a race, one job at a time, instead of a process. */
  readonly runnerOf?: (race: RaceRecord) => TrialRunner;
  /** Running trials stop, with a checkpoint, and go back to the queue. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: QueueWorkerEvent) => void;
}

/** What happens in a worker, as it happens. */
export type QueueWorkerEvent =
  | { readonly type: 'ready'; readonly jobs: number }
  | { readonly type: 'race'; readonly race: string; readonly name: string }
  | { readonly type: 'started'; readonly race: string; readonly trials: readonly string[]; readonly attempt: number }
  | { readonly type: 'ended'; readonly race: string; readonly trial: Trial }
  /** A job was not run to its end here: it is another worker's, or back in the queue, or its process died. */
  | { readonly type: 'left'; readonly race: string; readonly trials: readonly string[]; readonly why: string }
  | { readonly type: 'refused'; readonly race: string; readonly why: string }
  | { readonly type: 'warning'; readonly text: string };

/** What a worker did. */
export interface WorkDone {
  readonly trials: number;
  /** Races that it could not run. */
  readonly refused: number;
}

/**
 * Takes jobs of any race from the queue, runs them in processes of its own, and writes their outcomes into the lab: once each, whoever
 * else had the same job too. Everything it asks of the database it asks until it is answered; trials go on meanwhile.
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<WorkDone> {
  const { address, signal, onEvent } = options;
  const giveUp = new AbortController();
  let queue: RaceQueue | undefined;
  let lab: Lab | undefined;
  let wait: NodeJS.Timeout | undefined;
  let worker: QueueWorker | undefined;
  // Who has no job has nothing to say any more.
  const stop = () => {
    wait = setTimeout(() => giveUp.abort(), worker?.isBusy ? 1000 * stopWithin : 0);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const opened = await RaceQueue.open(address, (text) => onEvent({ type: 'warning', text }), giveUp);
    queue = opened;
    lab = await opened.patience.try(() => openLab(address, { patience: labPatience }));
    worker = new QueueWorker(options, opened, lab);
    return await worker.run();
  } catch (error) {
    // Stopped while the database could not be reached.
    if (signal.aborted && isOutage(error)) return { trials: 0, refused: 0 };
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(wait);
    await lab?.close();
    await queue?.close();
  }
}

/** The processes that run one race. */
interface Crew {
  readonly race: string;
  readonly runner: TrialRunner;
}

class QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #queue: RaceQueue;
  readonly #lab: Lab;
  readonly #races: OpenRaces;
  readonly #served = new Set<string>();
  #lastWork = performance.now();
  #running = 0;
  #trials = 0;

  constructor(options: QueueWorkerOptions, queue: RaceQueue, lab: Lab) {
    this.#options = options;
    this.#queue = queue;
    this.#lab = lab;
    const { anyVersion = false, onEvent } = options;
    const onRefused = (race: string, why: string) => onEvent({ type: 'refused', race, why });
    this.#races = new OpenRaces({ queue, lab, anyVersion, onRefused });
  }

  get isBusy(): boolean {
    return this.#running > 0;
  }

  async run(): Promise<WorkDone> {
    const { jobs, onEvent } = this.#options;
    onEvent({ type: 'ready', jobs });
    await Promise.all(Array.from({ length: jobs }, () => this.#slot()));
    return { trials: this.#trials, refused: this.#races.refused };
  }

  /** One job after another. */
  async #slot(): Promise<void> {
    const { signal, once = false } = this.#options;
    let crew: Crew | null = null;
    try {
      while (!signal.aborted && !this.#idleTooLong()) {
        const lease = await this.#take(crew?.race ?? null);
        if (lease === null) {
          crew = await this.#tidy(crew);
          await sleep(1000 * lookInterval, undefined, { signal }).catch(() => {});
          continue;
        }
        this.#running++;
        crew = await this.#work(lease, crew).finally(() => {
          this.#running--;
          this.#lastWork = performance.now();
        });
        if (once) return;
      }
    } catch (error) {
      // Told to stop while the database could not be reached: the lease ends by itself.
      if (!(signal.aborted && isOutage(error))) throw error;
    } finally {
      await crew?.runner.close();
    }
  }

  #idleTooLong(): boolean {
    const { untilIdle = Number.POSITIVE_INFINITY } = this.#options;
    return this.#running === 0 && performance.now() - this.#lastWork > 1000 * untilIdle;
  }

  /** The next job: of the same race if it has any, since its programs are compiled here. */
  async #take(same: string | null): Promise<Lease | null> {
    const open = await this.#races.list();
    const races = same === null ? open : [...open].sort((a, b) => Number(b === same) - Number(a === same));
    for (const race of races) {
      if (this.#options.signal.aborted) return null;
      if (!(await this.#races.accepts(race))) continue;
      const lease = await this.#queue.take(race);
      if (lease !== null) return lease;
    }
    return null;
  }

  /** Runs a job and ends its lease in one of the ways of `JobEnd`. Answers with the processes that are ready for the next. */
  async #work(lease: Lease, before: Crew | null): Promise<Crew | null> {
    const { race, attempt } = lease;
    const { trials } = lease.job;
    const ids = trials.map(({ id }) => id);
    const leave = async (end: JobEnd, why: string) => {
      await lease.end(end);
      this.#options.onEvent({ type: 'left', race, trials: ids, why });
    };
    const keeper = new LeaseKeeper(lease);
    let crew = before;
    try {
      if (attempt > 1 && (await this.#isRecorded(race, ids))) {
        await lease.end({ end: 'recorded' });
        return crew;
      }
      crew = null;
      crew = await this.#crewFor(race, before);
      const outcomes = await this.#run(lease, crew, keeper);
      if (outcomes === null) {
        const lost = "it is another worker's now, or its race has ended";
        const end = { end: 'returned', why: `a worker on ${hostname()} was told to stop` } as const;
        await leave(end, keeper.lost.aborted ? lost : 'back in the queue');
        return crew;
      }
      await this.#record(race, trials, outcomes);
      await lease.end({ end: 'recorded' });
      await this.#forget(race, trials);
    } catch (error) {
      const why = (error as Error).message;
      if (isOutage(error)) throw error;
      if (error instanceof JobLost) {
        const { what, detail, step } = error;
        await leave({ end: 'lost', what, detail, step }, why);
      } else {
        this.#races.refuse(race, why);
        await leave({ end: 'returned', why: `${hostname()}: ${why}` }, 'back in the queue');
      }
    } finally {
      keeper.stop();
    }
    return crew;
  }

  /** Null when it was interrupted. */
  async #run(lease: Lease, crew: Crew, keeper: LeaseKeeper): Promise<readonly Outcome[] | null> {
    const { race, attempt } = lease;
    const { trials, ancestors } = lease.job;
    const ledger = await this.#ledger(race);
    await this.#queue.patience.try(() => ledger.started(trials, attempt));
    this.#options.onEvent({ type: 'started', race, trials: trials.map(({ id }) => id), attempt });
    const stop = AbortSignal.any([this.#options.signal, keeper.lost]);
    const hear = (plan: TrialPlan, progress: TrialProgress) => keeper.hear(plan, progress);
    const outcomes = await crew.runner.lanes[0].run(trials, hear, stop, ancestors);
    return outcomes.some(({ status }) => status === 'interrupted') ? null : outcomes;
  }

  async #record(race: string, trials: Job, outcomes: readonly Outcome[]): Promise<void> {
    const ended = trials.map((plan, i): Trial => ({ plan, outcome: outcomes[i] }));
    const ledger = await this.#ledger(race);
    await this.#queue.patience.try(() => ledger.record(ended));
    this.#trials += ended.length;
    for (const trial of ended) this.#options.onEvent({ type: 'ended', race, trial });
  }

  /** Checkpoints of trials that have ended are of use to those that go on from them only. */
  async #forget(race: string, trials: Job): Promise<void> {
    await new CheckpointFolders(join(this.#options.checkpoints, race)).forget(trials);
  }

  #ledger(race: string): Promise<Ledger> {
    return this.#queue.patience.try(() => this.#lab.ledger(race));
  }

  /** Did an earlier worker write the outcomes, and die before it could say so? */
  async #isRecorded(race: string, ids: readonly string[]): Promise<boolean> {
    const known = await this.#queue.patience.try(() => this.#lab.summaries(race));
    const ended = new Set(known.filter(({ state }) => state === 'ended').map(({ id }) => id));
    return ids.every((id) => ended.has(id));
  }

  /** The processes that run a race: those of before, if it is the same. */
  async #crewFor(race: string, before: Crew | null): Promise<Crew> {
    if (before?.race === race) return before;
    await before?.runner.close();
    const record = await this.#races.record(race);
    const { onEvent, runnerOf = (of: RaceRecord) => this.#processOf(of) } = this.#options;
    const runner = runnerOf(record);
    try {
      await runner.prepare();
    } catch (error) {
      await runner.close();
      throw error;
    }
    if (!this.#served.has(race)) onEvent({ type: 'race', race, name: record.name });
    this.#served.add(race);
    return { race, runner };
  }

  #processOf({ id, plan }: RaceRecord): TrialRunner {
    const { jobs, checkpoints, memoryLimit = defaultMemoryLimit(jobs), hangSeconds, onEvent } = this.#options;
    return workerPool({
      jobs: 1,
      plan,
      checkpoints: join(checkpoints, id),
      memoryLimit,
      hangSeconds,
      onWarning: (text) => onEvent({ type: 'warning', text }),
    });
  }

  /** Ends the processes of a race that is over, and removes the checkpoints of races that have finished. */
  async #tidy(crew: Crew | null): Promise<Crew | null> {
    const { checkpoints } = this.#options;
    const open = await this.#races.list();
    if (crew !== null && !open.includes(crew.race)) {
      await crew.runner.close();
      return this.#tidy(null);
    }
    for (const race of [...this.#served].filter((served) => !open.includes(served))) {
      const status = await this.#races.status(race);
      // Its coordinator is about to end it.
      if (status === 'running') continue;
      this.#served.delete(race);
      if (status !== 'interrupted') {
        await rm(join(checkpoints, race), { recursive: true, force: true });
      }
    }
    return crew;
  }
}
