import { resumeRace } from '../lab/race.ts';
import type { RaceSummary } from '../lab/store/lab.ts';
import { UsageError } from './errors.ts';
import { labOf, type RunFlags, watchRace } from './watch-race.ts';
import { withLab } from './with-lab.ts';

export async function resumeCommand(id: string | undefined, flags: RunFlags): Promise<void> {
  const race = id ?? (await newestStopped(labOf(flags)));
  await watchRace(flags, ({ lab, ...watched }) => resumeRace(lab, race, watched));
}

/** The newest race that nobody runs and that is not finished. */
const newestStopped = (where: string): Promise<string> =>
  withLab({ lab: where }, async (lab) => {
    const races = await lab.races();
    const stopped = races.find(({ status }) => status === 'interrupted');
    if (stopped) return stopped.id;
    const there = races.length === 0 ? 'it holds none' : `there are ${list(races)}`;
    throw new UsageError(`no race in ${lab.name} was interrupted; ${there}`);
  });

/** The newest few. */
const list = (races: readonly RaceSummary[]): string =>
  races
    .slice(0, 5)
    .map(({ id, name, status, holder }) => `${id} (${name}, ${status}${holder ? ` by ${holder}` : ''})`)
    .join('; ');
