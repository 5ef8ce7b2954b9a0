import type { Job } from './lane.ts';

/** What a lane has compiled programs for. */
const subject = ([{ task, competitor }]: Job): string => `${task}/${competitor}`;

/** Jobs that wait, by task and competitor. A lane that has run a competitor on a task goes on with it: its programs are compiled there. */
export class JobQueue {
  readonly #waiting = new Map<string, Job[]>();
  readonly #lanes = new Map<number, string>();

  add(jobs: readonly Job[]): void {
    for (const job of jobs) this.#list(job).push(job);
  }

  /** Before all others of its kind. */
  addFirst(job: Job): void {
    this.#list(job).unshift(job);
  }

  get size(): number {
    return [...this.#waiting.values()].reduce((sum, jobs) => sum + jobs.length, 0);
  }

  /** The next job for a lane: of its own subject, else of the first that no lane has, else of the one with most waiting. */
  take(lane: number): Job | undefined {
    const own = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    const open = [...this.#waiting].filter(([, jobs]) => jobs.length > 0);
    const taken = new Set(this.#lanes.values());
    const longest = [...open].sort(([, a], [, b]) => b.length - a.length);
    const [name, jobs] =
      open.find(([name]) => name === own) ?? open.find(([name]) => !taken.has(name)) ?? longest[0] ?? [];
    if (name === undefined || jobs === undefined) return undefined;
    this.#lanes.set(lane, name);
    return jobs.shift();
  }

  #list(job: Job): Job[] {
    const name = subject(job);
    const list = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, list);
    return list;
  }
}
