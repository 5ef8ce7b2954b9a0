import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf } from './processes.ts';

/** A disk that can be filled: a small one of its own where that can be mounted (it takes root), else a limit on the size of files. */
export interface Disk {
  readonly kind: 'small' | 'limited';
  /** Takes all space from a process and its workers. */
  fill(pid: number): void;
  /** Gives it back to those who come after. */
  free(): void;
  remove(): void;
}

export function diskAt(folder: string, mebibytes: number): Disk {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return limitedDisk;
  }
  const filler = join(folder, 'filler');
  return {
    kind: 'small',
    fill: () => writeUntilFull(filler),
    free: () => rmSync(filler, { force: true }),
    remove: () => execFileSync('umount', ['-l', folder]),
  };
}

function writeUntilFull(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 2 ** 20; size >= 1; ) {
      try {
        writeSync(file, new Uint8Array(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** No process may write beyond the first byte of a file any more. Pipes and sockets are no files. */
export const limitedDisk: Disk = {
  kind: 'limited',
  fill(pid) {
    for (const one of [pid, ...childrenOf(pid)]) {
      execFileSync('prlimit', ['--pid', String(one), '--fsize=1:unlimited'], { stdio: 'ignore' });
    }
  },
  free: () => {},
  remove: () => {},
};
