import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChildOptions, Said } from './child.ts';
import { childrenOf, isAlive, signal } from './processes.ts';

/** A process that runs a race, in a group of its own with its workers, and what it has said. */
export class Run {
  readonly #child: ChildProcess;
  readonly ended: Promise<void>;
  readonly said: Said[] = [];
  #stderr = '';
  #gone = false;

  constructor(options: ChildOptions, env: Readonly<Record<string, string>> = {}) {
    const program = ['--conditions=thalweg-source', join(import.meta.dirname, 'child.ts'), JSON.stringify(options)];
    const child = spawn(process.execPath, program, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process that starts in a moment can be killed sooner.
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...env },
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    createInterface(child.stdout).on('line', (line) => this.said.push(JSON.parse(line) as Said));
    this.ended = new Promise((resolve) => {
      child.once('close', () => {
        this.#gone = true;
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get isGone(): boolean {
    return this.#gone || !isAlive(this.pid);
  }

  get stderr(): string {
    return this.#stderr;
  }

  get workers(): number[] {
    return childrenOf(this.pid);
  }

  last<T extends Said['type']>(type: T): Extract<Said, { type: T }> | undefined {
    return this.said.findLast((said): said is Extract<Said, { type: T }> => said.type === type);
  }

  /** To itself alone, or to its workers too. */
  signal(name: NodeJS.Signals, whom: 'itself' | 'group'): void {
    signal(whom === 'group' ? -this.pid : this.pid, name);
  }

  /** Does a process of its group live? */
  get groupLives(): boolean {
    return isAlive(-this.pid);
  }
}
