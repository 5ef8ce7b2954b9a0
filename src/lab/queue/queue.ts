import { createHash } from 'node:crypto';
import { type JobWithMetadata, PgBoss } from 'pg-boss';
import type { TrialPlan, TrialProgress } from '../plan.ts';
import type { Job } from '../run/lane.ts';
import { isAddress } from '../store/open.ts';
import { diagnose, withoutPassword } from '../store/postgres.ts';
import { type Database, openDatabase } from './database.ts';
import { isOutage, Patience } from './patience.ts';
import { QueueError } from './queue-error.ts';

/** The schema of pg-boss, beside the tables of the lab. */
const schema = 'thalweg_queue';
/** Name of the queue of a race. */
const prefix = 'race/';
/** How often a job may lose its worker before the queue gives it up. */
const retryLimit = 5;
/** Jobs that are read at once: more than one coordinator ever has in the queue. */
const listLimit = 10_000;

/** How a worker ended a job. Outcomes are not here: they are in the lab before the job ends. */
export type JobEnd =
  | { readonly end: 'recorded' }
  /** The process that ran it died: it counts as an attempt. The fields are those of JobLost. */
  | { readonly end: 'lost'; readonly what: string; readonly detail: string; readonly step: number }
  /** It was not run, or not to its end, through no fault of its own: it goes back to the queue. */
  | { readonly end: 'returned'; readonly why: string };

/** A job of one race in the queue, as its coordinator sees it. */
export interface JobState {
  readonly id: string;
  /** `jobKey` of its trials. */
  readonly key: string;
  /** Null while it waits or runs. `given up` when it lost its workers too often. */
  readonly end: JobEnd | { readonly end: 'given up'; readonly why: string } | null;
  readonly running: boolean;
  /** How far its trials are, in their order, as its worker said last; empty before it said so. */
  readonly progress: readonly (TrialProgress | null)[];
}

/** What a worker needs to know to run a job of a race. */
export interface QueuedJob {
  readonly trials: Job;
  /** As for `Lane.run`. */
  readonly ancestors: readonly TrialPlan[];
}

/** A job that a worker has taken. It is the worker's while it is renewed, and nobody else's. */
export interface Lease {
  readonly race: string;
  readonly job: QueuedJob;
  /** From 1; more when earlier workers were lost. */
  readonly attempt: number;
  /** Without a renewal for so long, the job is given to another worker. */
  readonly heartbeatSeconds: number;
  /** Also tells how far the trials are, in their order. False when the job is no longer ours. */
  renew(progress?: readonly (TrialProgress | null)[]): Promise<boolean>;
  /** False when the job is no longer ours: then nothing happens. */
  end(how: JobEnd): Promise<boolean>;
}

/** The same for the same trials in every run of a race, so that they wait or run once, whoever puts them in. */
export function jobKey(trials: readonly TrialPlan[]): string {
  const ids = trials.map(({ id }) => id);
  return ids.length === 1 ? ids[0] : createHash('sha256').update(ids.join('\n')).digest('hex');
}

/**
 * The jobs of races, in pg-boss: a queue for each race that runs. A job holds the plans of its trials; it is in the queue at most once
 * (policy `exclusive` by `jobKey`). A worker that does not renew its lease for `heartbeatSeconds` is taken for dead and its job goes to
 * another one; what it may still do with the job then, has no effect (pg-boss counts the attempts, and only the latest may end it).
 */
export class RaceQueue {
  readonly patience: Patience;
  readonly #database: Database;
  readonly #boss: PgBoss;
  readonly #stopped: AbortController;

  private constructor(patience: Patience, database: Database, boss: PgBoss, stopped: AbortController) {
    this.patience = patience;
    this.#database = database;
    this.#boss = boss;
    this.#stopped = stopped;
  }

  /** Makes its tables where they are missing. Waits for a database that cannot be reached, until `stopped`. */
  static async open(
    address: string,
    onWarning: (text: string) => void,
    stopped = new AbortController(),
  ): Promise<RaceQueue> {
    if (!isAddress(address) || !URL.canParse(address)) {
      throw new QueueError('a queue is in PostgreSQL; its address must be postgres://user:password@host:port/database');
    }
    const patience = new Patience(onWarning, stopped.signal);
    const database = openDatabase(address, patience);
    const boss = new PgBoss({
      db: database,
      schema,
      // Leases are watched by whoever coordinates a race, by `supervise`.
      supervise: false,
      schedule: false,
      registerInstance: false,
      reindex: false,
      monitorVacuum: false,
      openTelemetry: { enabled: false },
      monitorIntervalSeconds: 1,
    });
    boss.on('error', (error) => onWarning(`queue: ${error.message}`));
    try {
      await database.reach().catch(untilLater);
      await boss.start();
    } catch (error) {
      await database.close();
      throw refusalOf(error, address) ?? error;
    }
    return new RaceQueue(patience, database, boss, stopped);
  }

  // What the coordinator of a race does.

  /** Jobs that earlier coordinators of the race left behind stay, unless they have ended. */
  async begin(race: string, heartbeatSeconds: number): Promise<void> {
    const name = prefix + race;
    // No job is ever deleted for its age; a lease lasts as long as it is renewed, at most a day (the most that pg-boss knows).
    const options = { heartbeatSeconds, retryLimit, expireInSeconds: 86_400, retentionSeconds: 10 * 365 * 86_400 };
    await this.#boss.createQueue(name, { ...options, policy: 'exclusive' });
    await this.#boss.updateQueue(name, options);
    await this.#boss.deleteStoredJobs(name);
  }

  /** Does nothing when the job waits or runs already. Those put `first` are taken before the others. */
  async put(race: string, job: QueuedJob, first: boolean): Promise<void> {
    await this.#boss.send(prefix + race, job, { singletonKey: jobKey(job.trials), priority: first ? 1 : 0 });
  }

  /** The jobs of a race, oldest first. */
  async jobs(race: string): Promise<readonly JobState[]> {
    return (await this.#boss.findJobs<object>(prefix + race, { limit: listLimit })).map(stateOf);
  }

  /** Also one that runs: its worker stops when it renews its lease. */
  async remove(race: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#boss.deleteJob(prefix + race, [...ids]);
  }

  /** Takes jobs from workers that did not renew their leases. */
  async supervise(race: string): Promise<void> {
    await this.#boss.supervise(prefix + race);
  }

  /** Removes the queue of a race and all jobs in it. */
  async end(race: string): Promise<void> {
    await this.#boss.deleteQueue(prefix + race);
  }

  // What a worker does.

  /** The races that have a queue. */
  async races(): Promise<readonly string[]> {
    const queues = await this.#boss.getQueues();
    return queues
      .map(({ name }) => name)
      .flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  }

  /** The next job of a race; null when none waits, or when the race has ended. */
  async take(race: string): Promise<Lease | null> {
    const name = prefix + race;
    const [job] = await this.#boss.fetch<QueuedJob>(name).catch(noneWithoutQueue);
    if (!job) return null;
    const { id, retryCount, data, heartbeatSeconds } = job;
    const attempt = { id, retryCount };
    return {
      race,
      job: data,
      attempt: retryCount + 1,
      heartbeatSeconds: heartbeatSeconds ?? 60,
      renew: async (progress = []) => {
        const kept = affected(await this.#boss.touch(name, attempt).catch(noneWithoutQueue));
        if (kept && progress.some((at) => at !== null)) await this.#tell(name, attempt, { progress });
        return kept;
      },
      end: async (how) => affected(await this.#boss.complete(name, attempt, how).catch(noneWithoutQueue)),
    };
  }

  /** pg-boss has no call for it: until a job ends, its output is nobody's. */
  async #tell(name: string, { id, retryCount }: { id: string; retryCount: number }, said: Said): Promise<void> {
    const text = `update ${schema}.job set output = $4 where name = $1 and id = $2 and retry_count = $3 and state = 'active'`;
    await this.#database.executeSql(text, [name, id, retryCount, JSON.stringify(said)]);
  }

  /** What waits for a database that cannot be reached fails. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#boss.stop({ close: false, graceful: false }).catch(() => {});
    await this.#database.close();
  }
}

/** An outage is waited for. But a host that nobody knows, now, is a wrong address; later, it may be a network that is cut. */
function untilLater(error: Error): void {
  if (diagnose(error)?.kind === 'refused' || !isOutage(error)) throw error;
}

/** A wrong address, or a password or rights that are missing. */
function refusalOf(error: unknown, address: string): QueueError | null {
  const found = diagnose(error);
  if (found?.kind !== 'refused') return null;
  return new QueueError(`the queue in ${withoutPassword(address)} cannot be opened: ${found.text}`, { cause: error });
}

/** The output of a job that runs. */
interface Said {
  readonly progress: readonly (TrialProgress | null)[];
}

function stateOf(job: JobWithMetadata<object>): JobState {
  const key = job.singletonKey ?? job.id;
  const ended = (end: JobState['end']): JobState => ({ id: job.id, key, end, running: false, progress: [] });
  switch (job.state) {
    case 'completed':
      return ended(job.output as JobEnd);
    case 'failed':
    case 'cancelled':
      return ended({
        end: 'given up',
        why: `${job.retryCount + 1} workers were lost with it`,
      });
    default:
      return { id: job.id, key, end: null, running: job.state === 'active', progress: progressOf(job.output) };
  }
}

/** JSON has no NaN. An earlier worker that was lost left another output. */
function progressOf(output: object | null): JobState['progress'] {
  const said = (output as Partial<Said> | null)?.progress ?? [];
  return said.map((at) => at && { ...at, loss: at.loss ?? Number.NaN });
}

/** What pg-boss answers to a change, which its types do not say. */
function affected(answer: object): boolean {
  return 'affected' in answer && answer.affected === 1;
}

/** The queue of a race is gone as soon as the race has ended. */
function noneWithoutQueue(error: Error): never[] {
  if (/^Queue .* does not exist$/.test(error.message)) return [];
  throw error;
}
