import { race } from '../lab/race.ts';
import { inFile, readRaceFile } from '../lab/race-file.ts';
import type { RaceSpec } from '../lab/race-spec.ts';
import { tasks } from '../tasks/registry.ts';
import { UsageError } from './errors.ts';
import { quoted } from './print-race.ts';
import { type RaceFlags, specOf, withFlags } from './spec-from-flags.ts';
import { type RunFlags, type Watched, watchRace } from './watch-race.ts';

export interface BeginFlags {
  readonly reuse?: string;
}

export async function raceCommand(
  file: string | undefined,
  { reuse, ...flags }: RaceFlags & RunFlags & BeginFlags,
): Promise<void> {
  const spec = file === undefined ? specOf(flags) : withFlags(await readFile(file), file, flags);
  const command = repeat(file, flags);
  const run = (watched: Watched) => race({ ...spec, ...watched, reuse, command });
  await watchRace(flags, (watched) => (file === undefined ? run(watched) : inFile(file, () => run(watched))));
}

function readFile(file: string): Promise<RaceSpec> {
  if (Object.hasOwn(tasks, file)) throw new UsageError(`'${file}' is a task, not a race file; write --task ${file}`);
  return readRaceFile(file);
}

/** What does not change the outcome: where things go, and what runs them. */
const local = new Set(['lab', 'queue', 'jobs', 'memoryLimit', 'report', 'quiet', 'json', 'debug']);

/** The command that runs the same race again. */
function repeat(file: string | undefined, flags: RaceFlags): string {
  const words = Object.entries(flags)
    .filter(([name]) => !local.has(name))
    .map(([name, value]) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? flag : `${flag} ${quoted(String(value))}`;
    });
  return ['npx thalweg race', ...(file === undefined ? [] : [quoted(file)]), ...words].join(' ');
}
