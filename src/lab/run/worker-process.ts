import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residentBytes } from './memory.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';

/** How a process is watched. */
export interface Limits {
  /** Seconds without a sign of life after which it is killed. */
  readonly hangSeconds: number;
  /** Resident bytes above which it is killed. */
  readonly memoryLimit: number;
}

/** Why a process is gone: 'its process died', 'SIGKILL'. */
export interface Loss {
  readonly what: string;
  readonly detail: string;
}

/** Seconds that a process may take to its first sign of life in any case: on a busy machine it loads for a while. */
const leastToBegin = 60;

/** Milliseconds between two looks at a process. */
const watchInterval = 500;

/** What a process that is watched tells, as it comes. */
export interface Hearing {
  onMessage(message: FromWorker): void;
  /** It is gone; nothing more will come. */
  onLoss(loss: Loss): void;
}

/** A worker process: started, told what to do, listened to, and watched. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #limits: Limits;
  readonly #gone: Promise<void>;
  #hearing: Hearing | undefined;
  #loss: Loss | undefined;
  #killedFor: Loss | undefined;
  #silentMilliseconds = 0;
  #begun = false;
  #lastLook = performance.now();
  #said = '';
  /** Largest resident memory that was seen, in bytes. */
  bytes = 0;

  constructor(file: string, limits: Limits) {
    this.#limits = limits;
    const child = fork(file, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache() },
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#said = (this.#said + chunk).slice(-2000);
    });
    child.on('message', (message: FromWorker) => this.#hear(message));
    const watch = setInterval(() => this.#look(), watchInterval);
    this.#gone = new Promise((resolve) => {
      const end = (loss: Loss) => {
        clearInterval(watch);
        this.#loss ??= this.#killedFor ?? loss;
        this.#hearing?.onLoss(this.#loss);
        resolve();
      };
      child.on('error', (error) => {
        if (child.pid === undefined) end({ what: 'its process could not be started', detail: error.message });
      });
      child.on('exit', (code, signal) => end({ what: 'its process died', detail: signal ?? this.#lastWords(code) }));
    });
  }

  get isGone(): boolean {
    return this.#loss !== undefined;
  }

  /** Hears what comes from now on, in place of whoever heard it before. One that is gone says so at once. */
  listen(hearing: Hearing | undefined): void {
    this.#hearing = hearing;
    if (this.#loss) hearing?.onLoss(this.#loss);
  }

  /** Resolves when it is set up; rejects with a Loss, or with the error that it names. */
  setUp(setup: WorkerSetup): Promise<void> {
    return new Promise((resolve, reject) => {
      this.listen({
        onMessage: (message) => {
          if (message.type === 'ready') resolve();
          if (message.type === 'refused') reject(new WorkerError(message.error));
        },
        onLoss: reject,
      });
      this.tell({ type: 'setup', setup });
    });
  }

  /** A process that is gone is noticed by its exit; a message to it is lost without further ado. */
  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    return this.#gone;
  }

  #hear(message: FromWorker): void {
    this.#silentMilliseconds = 0;
    this.#begun = true;
    if (message.type === 'alive') this.bytes = Math.max(this.bytes, message.bytes);
    else this.#hearing?.onMessage(message);
  }

  #look(): void {
    const now = performance.now();
    // A longer while is one in which this process did not run either: the machine slept, or both were stopped.
    this.#silentMilliseconds += Math.min(now - this.#lastLook, 2 * watchInterval);
    this.#lastLook = now;
    const { memoryLimit } = this.#limits;
    const hangSeconds = this.#begun ? this.#limits.hangSeconds : Math.max(this.#limits.hangSeconds, leastToBegin);
    const bytes = residentBytes(this.#child.pid as number) ?? this.bytes;
    this.bytes = Math.max(this.bytes, bytes);
    if (this.#silentMilliseconds > hangSeconds * 1000) {
      this.#killFor({ what: 'its process hung', detail: `no sign of life for ${hangSeconds} s` });
    } else if (bytes > memoryLimit) {
      this.#killFor({
        what: 'its process was stopped',
        detail: `${gibibytes(bytes)} of memory, more than ${gibibytes(memoryLimit)}`,
      });
    }
  }

  #killFor(loss: Loss): void {
    this.#killedFor = loss;
    this.#child.kill('SIGKILL');
  }

  /** How it ended by itself: its exit code, and the last error that it wrote. */
  #lastWords(code: number | null): string {
    const line = this.#said
      .split('\n')
      .filter((candidate) => /Error|error:/.test(candidate))
      .at(-1);
    return `exit code ${code}${line ? `: ${line.trim()}` : ''}`;
  }
}

/** Where compiled modules are kept, Node's own place if nobody said another: with it a process starts in a third of the time. */
const compileCache = (): string => process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache');

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** A worker process cannot be had, or cannot load what the trials need. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}
