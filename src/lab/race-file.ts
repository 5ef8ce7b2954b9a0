import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { loadModule } from './load-module.ts';
import { ProtocolError } from './protocols/protocol.ts';
import { RaceError } from './race-error.ts';
import { checkRaceSpec } from './race-schema.ts';
import type { RaceSpec } from './race-spec.ts';

const modules = ['.ts', '.mts', '.js', '.mjs'];

/**
 * The race that a file describes: JSON, or a module whose default export is a race. A module's own tasks and optimizers are exports of
 * its own, or objects in its race; a JSON file may name such a module, by its path from the file. RaceError names the file and the field.
 */
export async function readRaceFile(file: string): Promise<RaceSpec> {
  const path = resolve(file);
  const kind = extname(path);
  if (kind !== '.json' && !modules.includes(kind)) {
    throw new RaceError(`${file}: a race file ends in .json, ${modules.join(', ')}`);
  }
  if (!existsSync(path)) throw new RaceError(`${file}: there is no such file`);
  return kind === '.json' ? readJson(file, path) : readModule(file, path);
}

async function readJson(file: string, path: string): Promise<RaceSpec> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new RaceError(`${file}: ${error.message}`);
  });
  const race = await inFile(file, () => JSON.parse(text) as unknown);
  // For editors.
  if (typeof race === 'object' && race !== null) delete (race as { $schema?: unknown }).$schema;
  return inFile(file, () => {
    checkRaceSpec(race);
    return { ...race, ...(race.module !== undefined && { module: resolve(dirname(path), race.module) }) };
  });
}

async function readModule(file: string, path: string): Promise<RaceSpec> {
  const exports = await loadModule(path);
  if (!('default' in exports)) {
    throw new RaceError(
      `${file}: has no default export; write, say, export default defineRace({ tasks, competitors })`,
    );
  }
  const race = exports.default;
  return inFile(file, () => {
    checkRaceSpec(race);
    if (race.module !== undefined) throw new RaceError('module is for races in JSON; a module is its own');
    return { ...race, module: path };
  });
}

/** Names the file in what is wrong with it. */
export async function inFile<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RaceError || error instanceof ProtocolError || error instanceof SyntaxError) {
      throw new RaceError(`${file}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
