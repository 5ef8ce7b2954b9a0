import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { isAddress } from '#lab/store/open';
import { bytes, plural } from '../lab/format.ts';
import { checkpointsOf } from '../lab/store/checkpoints.ts';
import type { Lab, RaceSummary } from '../lab/store/lab.ts';
import { UsageError } from './errors.ts';
import { defaultLab } from './options.ts';
import { type LabFlags, withLab } from './with-lab.ts';

export interface GcFlags extends LabFlags {
  /** Races that began more than so many days ago. */
  readonly older?: number;
  /** All races but the newest so many. */
  readonly keep?: number;
  readonly races?: readonly string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What is to go. */
interface Garbage {
  readonly races: readonly RaceSummary[];
  /** Folders of races that need no checkpoints any more. */
  readonly checkpoints: readonly string[];
  /** Of the curves and the checkpoints. */
  readonly bytes: number;
}

export async function gcCommand(flags: GcFlags): Promise<void> {
  const where = flags.lab ?? defaultLab();
  const say = (text: string) => process.stdout.write(`${text}\n`);
  await withLab(flags, async (lab) => {
    const garbage = await findGarbage(lab, where, flags);
    for (const line of listing(garbage)) say(line);
    if (flags.dryRun) return;
    if (garbage.races.length > 0 || garbage.checkpoints.length > 0) await confirm(flags.yes === true);
    await lab.remove(garbage.races.map(({ id }) => id));
    for (const folder of garbage.checkpoints) rmSync(folder, { recursive: true, force: true });
    const before = fileSize(where);
    await lab.compact();
    const after = fileSize(where);
    say(
      before === null || after === null ? `${lab.name} is compact` : `${where}: ${bytes(before)}, now ${bytes(after)}`,
    );
  });
}

async function findGarbage(lab: Lab, where: string, flags: GcFlags): Promise<Garbage> {
  const folder = checkpointsOf(where);
  // Folders before races: a race that begins meanwhile is then no leftover.
  const folders = existsSync(folder) ? readdirSync(folder) : [];
  const all = await lab.races();
  const races = flags.races === undefined ? byRule(all, flags) : await named(lab, flags);
  const gone = new Set(races.map(({ id }) => id));
  const needed = new Set(all.filter(({ id, status }) => status !== 'finished' && !gone.has(id)).map(({ id }) => id));
  const known = new Set(all.map(({ id }) => id));
  const checkpoints = folders
    // Labs on servers share a folder: what this one does not know may be another's.
    .filter((name) => !needed.has(name) && (known.has(name) || !isAddress(where)))
    .map((name) => join(folder, name));
  const sizes = await lab.sizes();
  const total = [...races.map(({ id }) => sizes.get(id) ?? 0), ...checkpoints.map(sizeOf)].reduce(
    (sum, x) => sum + x,
    0,
  );
  return { races, checkpoints, bytes: total };
}

/** Races that nobody runs, and that are old by every rule that is given. Without a rule none is. */
function byRule(all: readonly RaceSummary[], { older, keep }: GcFlags): readonly RaceSummary[] {
  if (older === undefined && keep === undefined) return [];
  const before = Date.now() - (older ?? 0) * 24 * 3600 * 1000;
  return all
    .slice(keep ?? 0)
    .filter(({ created, holder }) => holder === null && (older === undefined || Date.parse(created) < before));
}

async function named(lab: Lab, { races = [], older, keep }: GcFlags): Promise<readonly RaceSummary[]> {
  if (older !== undefined || keep !== undefined)
    throw new UsageError('--races names them; --older and --keep do not go with it');
  const found = new Map<string, RaceSummary>();
  for (const text of races) {
    const race = await lab.find(text);
    if (race.holder !== null) throw new UsageError(`${race.id} is run by ${race.holder}; end it first`);
    found.set(race.id, race);
  }
  return [...found.values()];
}

function listing({ races, checkpoints, bytes: total }: Garbage): string[] {
  if (races.length === 0 && checkpoints.length === 0)
    return ['nothing to delete (--older, --keep or --races say what is)'];
  return [
    ...races.map(({ id, ended, status }) => `race ${id}: ${plural(ended, 'trial')}, ${status}`),
    ...checkpoints.map((folder) => `checkpoints ${folder}`),
    `together ${bytes(total)}`,
  ];
}

async function confirm(yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new UsageError('nothing was deleted; --yes deletes it');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Delete all this? [y/N] ');
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('nothing was deleted');
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** With its log; null for a lab that is no file here. */
const fileSize = (where: string): number | null =>
  isAddress(where)
    ? null
    : [where, `${where}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
