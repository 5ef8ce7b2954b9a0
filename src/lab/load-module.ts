import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explainModuleError } from './module-error.ts';
import { RaceError } from './race-error.ts';

/** The exports of a file with tasks and optimizers of the user's own. Every process that trains loads it by this path. RaceError says where it fails. */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!isAbsolute(path)) throw new RaceError(`module is '${path}'; it must be a whole path`);
  if (!existsSync(path))
    throw new RaceError(`${path}: there is no such file; the race needs it for tasks or optimizers of its own`);
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new RaceError(await explainModuleError(path, error), { cause: error });
  }
}
