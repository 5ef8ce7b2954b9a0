import colors from 'picocolors';
import { duration, plural, whole } from '../lab/format.ts';
import type { RaceSummary } from '../lab/store/lab.ts';
import { clock, plainTable, printJson } from './plain-table.ts';
import { type LabFlags, withLab } from './with-lab.ts';

export async function runsCommand(flags: LabFlags & { readonly json?: boolean }): Promise<void> {
  await withLab(flags, async (lab) => {
    const races = await lab.races();
    if (flags.json) return printJson(races);
    process.stdout.write(races.length === 0 ? `${lab.name} holds no race yet\n` : `${listing(races)}\n`);
  });
}

const listing = (races: readonly RaceSummary[]): string =>
  plainTable(races, [
    { head: 'race', cell: ({ id }) => colors.cyan(id) },
    { head: 'began', cell: ({ created }) => clock(created) },
    {
      head: 'status',
      cell: ({ status, holder }) => (holder === null ? status : `${status} (${holder})`),
    },
    { head: 'trials', cell: ({ ended }) => whole(ended), right: true },
    { head: 'failed', cell: ({ failed }) => (failed === 0 ? '' : colors.red(whole(failed))), right: true },
    { head: 'time', cell: ({ seconds }) => duration(seconds), right: true },
    { head: 'protocol', cell: ({ protocol }) => protocol },
    { head: 'tasks', cell: ({ tasks }) => some(tasks, 'task') },
    { head: 'competitors', cell: ({ competitors }) => some(competitors, 'competitor') },
  ]);

const some = (names: readonly string[], noun: string): string =>
  names.length <= 3 ? names.join(', ') : plural(names.length, noun);
