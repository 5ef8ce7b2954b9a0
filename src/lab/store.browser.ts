import { PlatformError } from '../runtime/platform.ts';
import type { Protocol, Trial } from './protocol.ts';
import type { RaceFolder } from './store.ts';

export * from './file-names.ts';

export function openRaceFolder(directory: string): RaceFolder {
  throw new PlatformError(
    `no race can be kept in ${directory}: a browser has no folders; leave out 'directory' and keep the result`,
  );
}

export function readTrials(path: string): { protocol: Protocol; trials: Trial[]; ended: boolean } {
  throw new PlatformError(`${path} cannot be read: a browser has no files`);
}
