import { type Outcome, type TrialPlan, type TrialProgress, withoutResult } from '../plan.ts';
import type { CheckpointFolders } from './checkpoint-folders.ts';
import { type Job, JobLost, type Lane } from './lane.ts';
import type { MemoryGate } from './memory.ts';
import type { WorkerSetup } from './messages.ts';
import { type Limits, type Loss, WorkerError, WorkerProcess } from './worker-process.ts';

export interface ProcessLaneOptions {
  /** The program of the process. */
  readonly file: string;
  readonly setup: WorkerSetup;
  readonly limits: Limits;
  readonly folders: CheckpointFolders;
  readonly gate: MemoryGate;
  readonly onWarning: (text: string) => void;
}

/** Processes that died before they had loaded what they need, in a row, after which no other is started. */
const startAttempts = 5;

/** Runs jobs in a process of its own, one after another, and has another process after that one died. */
export class ProcessLane implements Lane {
  readonly #options: ProcessLaneOptions;
  #process: WorkerProcess | undefined;
  #closed = false;

  constructor(options: ProcessLaneOptions) {
    this.#options = options;
  }

  /** A process that is ready. Throws WorkerError when none is to be had. */
  async start(): Promise<WorkerProcess> {
    if (this.#process && !this.#process.isGone) return this.#process;
    const { file, limits, setup } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const started = new WorkerProcess(file, limits);
      this.#process = started;
      try {
        await started.setUp(setup);
        return started;
      } catch (error) {
        await started.kill();
        if (error instanceof WorkerError) throw error;
        const { what, detail } = error as Loss;
        if (this.#closed || attempt === startAttempts) {
          throw new WorkerError(`a worker cannot be started: ${what} while it loaded (${detail})`);
        }
      }
    }
  }

  async run(
    job: Job,
    onProgress: (plan: TrialPlan, progress: TrialProgress) => void,
    signal: AbortSignal,
    ancestors: readonly TrialPlan[],
  ): Promise<readonly Outcome[]> {
    const { gate, limits } = this.#options;
    await gate.enter(signal);
    try {
      if (signal.aborted) return interrupted(job);
      const worker = await this.start();
      if (signal.aborted) return interrupted(job);
      try {
        return await this.#converse(worker, job, onProgress, signal, ancestors);
      } finally {
        worker.listen(undefined);
        gate.saw(worker.bytes);
        if (worker.bytes > limits.memoryLimit / 2 && !worker.isGone) await worker.kill();
      }
    } catch (error) {
      if (this.#closed) return interrupted(job);
      throw error;
    } finally {
      gate.leave();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#process?.kill();
  }

  async #converse(
    worker: WorkerProcess,
    job: Job,
    onProgress: (plan: TrialPlan, progress: TrialProgress) => void,
    signal: AbortSignal,
    ancestors: readonly TrialPlan[],
  ): Promise<readonly Outcome[]> {
    const cancel = () => worker.tell({ type: 'cancel' });
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        worker.listen({
          onMessage: (message) => {
            if (message.type === 'progress') onProgress(job[message.index], message.progress);
            if (message.type === 'warning') this.#options.onWarning(message.text);
            if (message.type === 'ended') resolve(message.outcomes);
            if (message.type === 'stuck') reject(new WorkerError(message.error));
          },
          onLoss: ({ what, detail }) =>
            void this.#options.folders.stepsKept(job).then((step) => reject(new JobLost(what, detail, step))),
        });
        worker.tell({ type: 'run', job, ancestors });
      });
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

const interrupted = (job: Job): readonly Outcome[] => job.map(() => withoutResult('interrupted'));
