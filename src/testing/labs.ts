import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { About } from '../lab/store/lab.ts';

/** Labs for tests, and other processes on them. */

export const about: About = {
  machine: { cpu: 'made-up', cores: 2, memoryGiB: 4, platform: 'linux x64', versions: { thalweg: '0.0.0' } },
  command: 'npx thalweg race --quick',
};

/** Path of a lab that is not there yet. */
export const freshPath = (): string => join(mkdtempSync(join(tmpdir(), 'thalweg-lab-')), 'lab.sqlite');

/** Starts lab-process.ts and waits until it is ready. */
export async function labProcess(...args: readonly string[]): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./lab-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=thalweg-source', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error(`lab-process ${args.join(' ')} ended at once`))),
  ]);
  return child;
}

export async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
