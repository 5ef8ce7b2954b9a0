import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A folder that cannot be made. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Makes a folder and the folders above it. Level by level: Node's recursive mkdir never returns below folders that take no entries,
 * such as /proc.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  if (existsSync(path) && !statSync(path).isDirectory()) throw new FolderError(`${path} is a file, not a folder`);
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue; // somebody else was faster
      throw new FolderError(`cannot make the folder ${folder} (${code}); choose one where you may write`, { cause });
    }
  }
}
