import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Answer, Request } from './protocol.ts';

/** How a peer's process is started. */
export interface PeerSpec {
  readonly id: string;
  /** Whose comparison with Thalweg is one of the targets, and which. */
  readonly family: 'thalweg' | 'javascript' | 'python';
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Workloads of which a step, or compiling it, takes it many seconds: left out of a quick run. */
  readonly slowOn?: readonly string[];
}

type Failure = 'unsupported' | 'slow' | 'failed';

/** What a peer cannot do, was not waited for, says is wrong, or died of. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly kind: Failure;

  constructor(kind: Failure, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The answer to each request. */
interface Answers {
  readonly name: { readonly name: string };
  readonly load: { readonly compile: number; readonly first: number };
  readonly run: { readonly ms: number };
  readonly check: { readonly value: number | null };
  readonly memory: { readonly resident: number; readonly peak: number };
}

/** Importing a large library, while others do. */
const startSeconds = 120;

type Ask = Exclude<Request, { do: 'end' }>;

/**
 * The runner's side of one peer: its process is started when it is first asked, and again after it died. Between requests the process is
 * stopped, where there is a signal for that: threads that spin on, collect garbage or compile are not to take the next peer's cores.
 */
export class PeerProcess {
  readonly spec: PeerSpec;
  #child: ChildProcess | undefined;
  #waiting: { answer: (line: string) => void; lost: (how: string) => void } | undefined;
  #said = '';

  constructor(spec: PeerSpec) {
    this.spec = spec;
  }

  /** Starts the process where there is none, so that what is asked next need not wait for that. */
  async ready(): Promise<void> {
    if (!this.#child) await this.ask({ do: 'name' }, startSeconds);
  }

  /** One request at a time. A peer that takes longer than `seconds` is ended. */
  async ask<R extends Ask>(request: R, seconds: number): Promise<Answers[R['do']]> {
    const child = this.#child ?? this.#start();
    signal(child, 'SIGCONT');
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new PeerError('slow', `no answer within ${seconds} s`));
        this.end();
      }, seconds * 1000);
      this.#waiting = {
        answer: (text) => {
          clearTimeout(timer);
          resolve(text);
        },
        lost: (how) => {
          clearTimeout(timer);
          reject(new PeerError('failed', how));
        },
      };
      child.stdin?.write(`${JSON.stringify(request)}\n`);
    }).finally(() => {
      this.#waiting = undefined;
      signal(child, 'SIGSTOP');
    });
    return this.#read<R['do']>(line);
  }

  #read<D extends Ask['do']>(line: string): Answers[D] {
    const answer = answerIn(line);
    if (!answer) throw new PeerError('failed', `said '${line.slice(0, 80)}', which is no answer`);
    if ('unsupported' in answer) throw new PeerError('unsupported', answer.unsupported);
    if ('error' in answer) throw new PeerError('failed', answer.error);
    return answer as Answers[D];
  }

  #start(): ChildProcess {
    const { command, args, env } = this.spec;
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#child = child;
    this.#said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-2000);
    });
    // A process that is gone is noticed by its exit.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting?.answer(line));
    const lost = (how: string) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      const last = this.#said.trim().split('\n').at(-1);
      this.#waiting?.lost(`its process ${how}${last ? `: ${last}` : ''}`);
    };
    child.once('error', (error) => lost(`could not be started: ${error.message}`));
    // After 'close' all that it said has been read.
    child.once('close', (code, signal) => lost(`died (${signal ?? `exit code ${code}`})`));
    return child;
  }

  /** Ends the process; what was asked of it fails. The next request starts another one. */
  end(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    this.#waiting?.lost('its process was ended');
  }
}

/** Stops a process or lets it go on; Windows knows neither. */
function signal(child: ChildProcess, which: 'SIGSTOP' | 'SIGCONT'): void {
  if (process.platform !== 'win32') child.kill(which);
}

/** JSON objects alone are answers. */
function answerIn(line: string): Answer | null {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === 'object' ? (found as Answer) : null;
  } catch {
    return null;
  }
}
