import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { ownVersion } from '#lab/machine';
import { type Lab, LabError, type RaceRecord, type RaceStatus } from '../store/lab.ts';
import { isOutage } from './patience.ts';
import type { RaceQueue } from './queue.ts';
import { QueueError } from './queue-error.ts';

/** Seconds for which the list of races is taken to hold. */
const listFor = 0.9;
/** Seconds for which a race is left to other workers that could not be run here. */
const leaveFor = 60;

export interface OpenRacesOptions {
  readonly queue: RaceQueue;
  readonly lab: Lab;
  /** Also races that were begun by another version of thalweg. */
  readonly anyVersion: boolean;
  readonly onRefused: (race: string, why: string) => void;
}

/** The races that have a queue, and which of them can be run here. What it asks the database it asks until it is answered. */
export class OpenRaces {
  readonly #options: OpenRacesOptions;
  readonly #records = new Map<string, Promise<RaceRecord>>();
  /** Races that cannot be run here, and until when that is not to be tried again. */
  readonly #refused = new Map<string, number>();
  #list: { readonly at: number; readonly races: Promise<readonly string[]> } | null = null;

  constructor(options: OpenRacesOptions) {
    this.#options = options;
  }

  /** Asked once in a while for all who ask. */
  list(): Promise<readonly string[]> {
    const now = performance.now();
    if (this.#list === null || now - this.#list.at > 1000 * listFor) {
      this.#list = { at: now, races: this.#options.queue.races() };
    }
    return this.#list.races;
  }

  record(race: string): Promise<RaceRecord> {
    const known = this.#records.get(race);
    if (known) return known;
    const record = this.#find(race);
    this.#records.set(race, record);
    record.catch(() => this.#records.delete(race));
    return record;
  }

  /** Null for a race that was deleted. */
  async status(race: string): Promise<RaceStatus | null> {
    const { queue, lab } = this.#options;
    const races = await queue.patience.try(() => lab.races());
    return races.find(({ id }) => id === race)?.status ?? null;
  }

  /** Can this race be run here? Looked at before a job is taken, so that none has to go back. */
  async accepts(race: string): Promise<boolean> {
    const until = this.#refused.get(race);
    if (until !== undefined && performance.now() < until) return false;
    try {
      check(await this.record(race), this.#options.anyVersion);
      this.#refused.delete(race);
      return true;
    } catch (error) {
      if (isOutage(error)) throw error;
      // Its coordinator was killed, and then it was deleted.
      if (error instanceof LabError && (await this.status(race)) === null) await this.#options.queue.end(race);
      else this.refuse(race, (error as Error).message);
      return false;
    }
  }

  refuse(race: string, why: string): void {
    if (!this.#refused.has(race)) this.#options.onRefused(race, why);
    this.#refused.set(race, performance.now() + 1000 * leaveFor);
  }

  get refused(): number {
    return this.#refused.size;
  }

  #find(race: string): Promise<RaceRecord> {
    const { queue, lab } = this.#options;
    return queue.patience.try(() => lab.find(race));
  }
}

function check({ id, plan, machine }: RaceRecord, anyVersion: boolean): void {
  const begunBy = machine.versions.thalweg;
  if (begunBy !== ownVersion() && !anyVersion) {
    throw new QueueError(
      `race ${id} was begun by thalweg ${begunBy} and this is ${ownVersion()}, whose numbers may differ; install ${begunBy} here, or give --any-version`,
    );
  }
  if (plan.module !== null && !existsSync(plan.module)) {
    throw new QueueError(
      `race ${id} has tasks or optimizers of its own in ${plan.module}, which ${hostname()} does not have; put the file there`,
    );
  }
}
