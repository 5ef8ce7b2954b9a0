import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ways = ['flip a bit', 'truncate', 'empty', 'overwrite', 'remove'] as const;

/** Damages one file of the last checkpoint of a trial; says what was done, null when there is no checkpoint. */
export function damage(folder: string, draw: () => number): string | null {
  const one = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)];
  const trials = foldersIn(folder).filter((trial) => newest(join(folder, trial)) !== null);
  if (trials.length === 0) return null;
  const trial = join(folder, one(trials));
  const file = join(trial, `step-${newest(trial)}.${one(['json', 'safetensors'])}`);
  const way = one(ways);
  const bytes = readFileSync(file);
  if (way === 'flip a bit') {
    bytes[Math.floor(draw() * bytes.length)] ^= 1 << Math.floor(draw() * 8);
    writeFileSync(file, bytes);
  }
  if (way === 'truncate') truncateSync(file, Math.floor(draw() * bytes.length));
  if (way === 'empty') truncateSync(file, 0);
  if (way === 'overwrite') writeFileSync(file, 'something else');
  if (way === 'remove') rmSync(file);
  return `${way}: ${file}`;
}

/** Steps of the newest checkpoint in a folder; null without. */
export function newest(folder: string): number | null {
  const steps = foldersIn(folder).flatMap((file) => /^step-(\d+)\.json$/.exec(file)?.[1] ?? []);
  return steps.length === 0 ? null : Math.max(...steps.map(Number));
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
