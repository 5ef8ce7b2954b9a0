import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { type Outcome, type TrialPlan, type TrialProgress, withoutResult } from './protocol.ts';
import type { Lane, TrialRunner } from './runner.ts';

/** Beside this file, in the same language: .ts in a clone, .js in the published package. */
const workerFile = fileURLToPath(
  new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** A worker process cannot be had, or cannot load what the trials need. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/** One for each core. */
export const defaultJobs = (): number => availableParallelism();

export interface WorkerPoolOptions {
  readonly jobs: number;
  readonly setup: WorkerSetup;
  /** The program of a worker process. For tests. */
  readonly file?: string;
}

/**
 * As many processes as jobs, each with one engine thread: on two cores, two such trials at once finish more steps per second than one
 * trial on both. A process that dies takes its trial with it (recorded as failed) and is replaced.
 */
export function workerPool({ jobs, setup, file = workerFile }: WorkerPoolOptions): TrialRunner {
  const lanes = Array.from({ length: jobs }, () => new ProcessLane(file, setup));
  return {
    lanes,
    prepare: async () => {
      const [first] = await Promise.all(lanes.map((lane) => lane.start()));
      return { hasData: first.hasData };
    },
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly hasData: boolean;
}

class ProcessLane implements Lane {
  readonly #file: string;
  readonly #setup: WorkerSetup;
  #child: ChildProcess | undefined;
  #closed = false;

  constructor(file: string, setup: WorkerSetup) {
    this.#file = file;
    this.#setup = setup;
  }

  /** Starts the process and waits until it has its data. */
  start(): Promise<Started> {
    const child = fork(this.#file, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: getCompileCacheDir() ?? process.env.NODE_COMPILE_CACHE },
    });
    this.#child = child;
    const said = tail(child);
    return new Promise((resolve, reject) => {
      const lost = (how: string) => {
        this.#child = undefined;
        reject(new WorkerError(`a worker process ${how}${said()}`));
      };
      child.once('error', (error) => lost(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => lost(`died while it loaded the task (${signal ?? `exit code ${code}`})`));
      child.once('message', (message: FromWorker) => {
        child.removeAllListeners('error').removeAllListeners('exit');
        child.on('error', () => {});
        child.on('exit', () => {
          if (this.#child === child) this.#child = undefined;
        });
        if (message.type === 'ready') resolve({ child, hasData: message.hasData });
        else
          reject(new WorkerError(message.type === 'refused' ? message.error : 'a worker process answered out of turn'));
      });
      post(child, { type: 'setup', setup: this.#setup });
    });
  }

  async run(plan: TrialPlan, onProgress: (progress: TrialProgress) => void, signal: AbortSignal): Promise<Outcome> {
    const began = performance.now();
    const failed = (error: string) => withoutResult('failed', error, (performance.now() - began) / 1000);
    let child: ChildProcess;
    try {
      child = this.#child ?? (await this.start()).child;
    } catch (error) {
      return failed((error as Error).message);
    }
    if (signal.aborted) return withoutResult('interrupted');
    return new Promise((resolve) => {
      const cancel = () => post(child, { type: 'cancel' });
      const end = (outcome: Outcome) => {
        signal.removeEventListener('abort', cancel);
        child.off('message', hear).off('exit', died);
        resolve(outcome);
      };
      const hear = (message: FromWorker) => {
        if (message.type === 'progress') onProgress(message.progress);
        else if (message.type === 'ended') end(message.outcome);
      };
      const died = (code: number | null, by: string | null) => {
        end(this.#closed ? withoutResult('interrupted') : failed(`its process died (${by ?? `exit code ${code}`})`));
      };
      child.on('message', hear).on('exit', died);
      signal.addEventListener('abort', cancel, { once: true });
      post(child, { type: 'run', plan });
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }
}

/** A process that is gone is noticed by its exit; a message to it is lost without further ado. */
function post(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {});
}

/** The last line that a process wrote to its standard error. */
function tail(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2000);
  });
  return () => {
    const line = text
      .split('\n')
      .filter((candidate) => /Error|error:/.test(candidate))
      .at(-1);
    return line ? `: ${line.trim()}` : '';
  };
}
