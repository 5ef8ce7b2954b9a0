/** What threads agree on: int32 slots of a memory of their own, beside the heap. */
const slot = { waiting: 0, unfinished: 1, failed: 2, program: 3, kernel: 4, frame: 5, items: 6, perTask: 7 } as const;
const slots = 8;

/** One kernel to be shared: `items` of it in tasks of `perTask`. */
export interface Job {
  readonly program: number;
  readonly kernel: number;
  readonly frame: number;
  readonly items: number;
  readonly perTask: number;
}

/** Computes items [from, to) of a job. */
export type Perform = (job: Job, from: number, to: number) => void;

/** How often a thread looks before it sleeps: some 10 microseconds. */
const patience = 2_000;

/**
 * One job at a time, that threads take tasks from. Who takes which task is up to chance; what a task computes is not. A thread that comes
 * late finds nothing left, so nobody waits for threads that are still starting or that the machine has no core for.
 */
export class TaskQueue {
  readonly memory: SharedArrayBuffer;
  private readonly at: Int32Array<SharedArrayBuffer>;
  /** Why a task of this thread failed. */
  private reason: unknown;

  constructor(memory = new SharedArrayBuffer(4 * slots)) {
    this.memory = memory;
    this.at = new Int32Array(memory);
  }

  /** Has the job done by whoever is there; returns when it is. */
  run(job: Job, perform: Perform): void {
    const { at } = this;
    const tasks = Math.ceil(job.items / job.perTask);
    at[slot.program] = job.program;
    at[slot.kernel] = job.kernel;
    at[slot.frame] = job.frame;
    at[slot.items] = job.items;
    at[slot.perTask] = job.perTask;
    Atomics.store(at, slot.unfinished, tasks);
    Atomics.store(at, slot.waiting, tasks);
    Atomics.notify(at, slot.waiting, tasks - 1);
    while (this.take(perform));
    for (let left = Atomics.load(at, slot.unfinished); left > 0; left = Atomics.load(at, slot.unfinished)) {
      this.pause(slot.unfinished, left);
    }
    if (Atomics.exchange(at, slot.failed, 0)) throw new Error('a task of a kernel failed', { cause: this.reason });
  }

  /** Takes tasks as they come, for ever. */
  serve(perform: Perform): never {
    for (;;) {
      while (this.take(perform));
      this.pause(slot.waiting, 0);
    }
  }

  /** Takes one task, unless none is waiting. */
  private take(perform: Perform): boolean {
    const { at } = this;
    const left = Atomics.load(at, slot.waiting);
    if (left === 0) return false;
    if (Atomics.compareExchange(at, slot.waiting, left, left - 1) !== left) return true;
    // The job cannot end before this task, so what is read now belongs to it.
    const job: Job = {
      program: at[slot.program],
      kernel: at[slot.kernel],
      frame: at[slot.frame],
      items: at[slot.items],
      perTask: at[slot.perTask],
    };
    const from = (left - 1) * job.perTask;
    try {
      perform(job, from, Math.min(from + job.perTask, job.items));
    } catch (error) {
      this.reason = error;
      Atomics.store(at, slot.failed, 1);
    }
    if (Atomics.sub(at, slot.unfinished, 1) === 1) Atomics.notify(at, slot.unfinished);
    return true;
  }

  /** Waits until a slot no longer holds `value`: awake for a moment, then asleep. */
  private pause(which: number, value: number): void {
    for (let i = 0; i < patience; i++) if (Atomics.load(this.at, which) !== value) return;
    Atomics.wait(this.at, which, value);
  }
}
