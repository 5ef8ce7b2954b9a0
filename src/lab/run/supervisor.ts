import {
  type Choice,
  type Outcome,
  type RaceEvent,
  type RacePlan,
  type Trial,
  type TrialPlan,
  withoutResult,
} from '../plan.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { CheckpointFolders } from './checkpoint-folders.ts';
import { ancestorsOf, jobsOf } from './jobs.ts';
import { type Job, JobLost, type Lane, type TrialRunner } from './lane.ts';
import type { Ledger } from './ledger.ts';
import { JobQueue } from './order.ts';

export interface Supervision {
  readonly plan: RacePlan;
  readonly protocol: Protocol;
  /** It is prepared, and closed by whoever made it. */
  readonly runner: TrialRunner;
  readonly ledger: Ledger;
  /** Where this machine keeps checkpoints; null where others see to that. */
  readonly folders: CheckpointFolders | null;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RaceEvent) => void;
}

/** A job that lost its process so many times in a row, without a newer checkpoint in between, is at fault itself. */
const mostLosses = 3;

/**
 * Runs a race to its end, or until it is interrupted: asks the protocol what is needed by now, lets lanes run it, writes down what ended,
 * and asks again. What ended is in the ledger before anything builds on it, so the death of every process loses nothing but the steps since
 * the last checkpoints. Rejects when the ledger does, or when nothing can be run any more; then running trials were told to stop.
 */
export async function supervise(supervision: Supervision): Promise<'finished' | 'interrupted'> {
  const supervisor = new Supervisor(supervision, await supervision.ledger.ended());
  return await supervisor.run();
}

/** A batch is whole or not at all: its trials were computed together. */
const isInterrupted = (outcomes: readonly Outcome[]): boolean =>
  outcomes.some(({ status }) => status === 'interrupted');

/** What a job has been through. */
interface Fate {
  attempts: number;
  /** Losses in a row without a newer checkpoint. */
  losses: number;
  /** Steps that the last checkpoint holds. */
  kept: number;
  /** The last step that was heard of. */
  step: number;
}

class Supervisor {
  readonly #of: Supervision;
  readonly #ended: Map<string, Trial>;
  readonly #queue = new JobQueue();
  /** Of every trial that waits or runs. */
  readonly #taken = new Set<string>();
  readonly #fates = new Map<Job, Fate>();
  readonly #chosen = new Set<string>();
  /** Aborts when the race is interrupted, and when an error ends it. */
  readonly #stop = new AbortController();
  #error: { readonly cause: unknown } | null = null;
  #running = 0;
  #wake: (() => void)[] = [];

  constructor(supervision: Supervision, ended: readonly Trial[]) {
    this.#of = supervision;
    this.#ended = new Map(ended.map((trial) => [trial.plan.id, trial]));
  }

  async run(): Promise<'finished' | 'interrupted'> {
    const { plan, protocol, runner, signal, onEvent } = this.#of;
    const size = protocol.size(plan, plan.protocol.options);
    onEvent({ type: 'prepared', plan, size, ended: [...this.#ended.values()] });
    const abort = () => this.#stop.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await this.#guarded(() => this.#ask());
      await Promise.all(runner.lanes.map((lane, i) => this.#guarded(() => this.#work(lane, i))));
    } finally {
      signal.removeEventListener('abort', abort);
    }
    if (this.#error) throw this.#error.cause;
    const open = this.#open();
    if (open.length === 0) return 'finished';
    if (this.#stop.signal.aborted) return 'interrupted';
    const [{ id, from }] = open;
    throw new Error(`the race cannot end: ${id} goes on from ${from}, which its protocol never asks for`);
  }

  /** The first error stops everything, and is the one that is told. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.#error ??= { cause };
      this.#stop.abort(cause);
    } finally {
      this.#wakeAll();
    }
  }

  #needed(): readonly TrialPlan[] {
    const { plan, protocol } = this.#of;
    return protocol.plan(plan, plan.protocol.options, this.#ended);
  }

  #open(): readonly TrialPlan[] {
    return this.#needed().filter(({ id }) => !this.#ended.has(id));
  }

  /** Puts into the queue what is needed by now and neither ended, nor waits, nor runs; and tells what has been chosen. */
  async #ask(): Promise<void> {
    const { plan, protocol, onEvent } = this.#of;
    for (;;) {
      const open = jobsOf(this.#needed()).filter((job) =>
        job.some(({ id }) => !this.#ended.has(id) && !this.#taken.has(id)),
      );
      const ready = open.filter((job) => job.every(({ from }) => from === undefined || this.#ended.has(from)));
      const hopeless = ready.filter((job) => this.#whyHopeless(job) !== null);
      const jobs = ready.filter((job) => !hopeless.includes(job));
      for (const { id } of jobs.flat()) this.#taken.add(id);
      this.#queue.add(jobs);
      for (const choice of protocol.choices(plan, plan.protocol.options, this.#ended)) this.#tell(choice);
      if (hopeless.length === 0) return;
      // What became of these may be all that the protocol waits for.
      for (const job of hopeless) {
        const outcome = withoutResult('failed', this.#whyHopeless(job) as string);
        const trials = job.map((of): Trial => ({ plan: of, outcome }));
        await this.#record(trials);
        for (const trial of trials) onEvent({ type: 'ended', trial });
      }
    }
  }

  /** Nothing can go on from the end of a trial that did not come to its end. */
  #whyHopeless(job: Job): string | null {
    for (const { from } of job) {
      const status = from === undefined ? 'finished' : this.#ended.get(from)?.outcome.status;
      if (status !== 'finished') return `it goes on from ${from}, which ended as ${status}`;
    }
    return null;
  }

  #tell(choice: Choice): void {
    const key = `${choice.task}/${choice.competitor}`;
    if (this.#chosen.has(key)) return;
    this.#chosen.add(key);
    this.#of.onEvent({ type: 'chosen', choice });
  }

  /** A lane at work: one job after another, until none will come any more. */
  async #work(lane: Lane, index: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const job = this.#queue.take(index);
      if (!job) {
        if (this.#running === 0) break;
        // What runs elsewhere may be what others wait for.
        await new Promise<void>((resolve) => this.#wake.push(resolve));
        continue;
      }
      this.#running++;
      try {
        await this.#attempt(lane, job);
      } finally {
        this.#running--;
      }
      this.#wakeAll();
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  async #attempt(lane: Lane, job: Job): Promise<void> {
    const { ledger, onEvent } = this.#of;
    const { signal } = this.#stop;
    const fate = this.#fateOf(job);
    const attempt = ++fate.attempts;
    let begun = false;
    const begin = () => {
      if (!begun) for (const plan of job) onEvent({ type: 'started', plan, attempt });
      begun = true;
    };
    if (!lane.remote) {
      await ledger.started(job, attempt);
      begin();
    }
    try {
      const outcomes = await lane.run(
        job,
        (plan, progress) => {
          fate.step = progress.step;
          onEvent({ type: 'progress', plan, progress });
        },
        signal,
        ancestorsOf(job, this.#ended),
        begin,
      );
      if (isInterrupted(outcomes) && !begun) return;
      // Elsewhere it may begin and end before anybody looks.
      begin();
      await this.#end(job, outcomes);
    } catch (error) {
      if (!(error instanceof JobLost)) throw error;
      begin();
      if (signal.aborted) this.#interrupt(job);
      else await this.#lost(job, fate, error);
    }
  }

  #fateOf(job: Job): Fate {
    const fate = this.#fates.get(job) ?? { attempts: 0, losses: 0, kept: 0, step: 0 };
    this.#fates.set(job, fate);
    return fate;
  }

  async #end(job: Job, outcomes: readonly Outcome[]): Promise<void> {
    const { onEvent, folders } = this.#of;
    if (isInterrupted(outcomes)) return this.#interrupt(job);
    const trials = job.map((plan, i): Trial => ({ plan, outcome: outcomes[i] }));
    await this.#record(trials);
    this.#fates.delete(job);
    for (const trial of trials) onEvent({ type: 'ended', trial });
    await folders?.forget(job);
    await this.#ask();
  }

  #interrupt(job: Job): void {
    const outcome = withoutResult('interrupted');
    for (const plan of job) this.#of.onEvent({ type: 'ended', trial: { plan, outcome } });
  }

  async #record(trials: readonly Trial[]): Promise<void> {
    await this.#of.ledger.record(trials);
    for (const trial of trials) this.#ended.set(trial.plan.id, trial);
  }

  async #lost(job: Job, fate: Fate, { what, detail, message, step }: JobLost): Promise<void> {
    fate.losses = step > fate.kept ? 1 : fate.losses + 1;
    fate.kept = Math.max(step, fate.kept);
    if (fate.losses < mostLosses) {
      for (const plan of job) this.#of.onEvent({ type: 'lost', plan, attempt: fate.attempts, why: message });
      this.#queue.addFirst(job);
      return;
    }
    const reason = `${what} ${mostLosses} times near step ${fate.step}${detail && ` (${detail})`}`;
    const failed = withoutResult('failed', reason);
    await this.#end(
      job,
      job.map(() => failed),
    );
  }
}
