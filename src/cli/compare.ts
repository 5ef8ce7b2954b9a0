import colors from 'picocolors';
import { type Compared, type ComparedRow, compareRaces, type Verdict } from '../lab/compare.ts';
import { metricDifference, metricEstimate, plural } from '../lab/format.ts';
import { UsageError } from './errors.ts';
import { plainTable, printJson } from './plain-table.ts';
import { type LabFlags, withLab } from './with-lab.ts';

export async function compareCommand(
  ids: readonly string[],
  flags: LabFlags & { readonly json?: boolean },
): Promise<void> {
  await withLab(flags, async (lab) => {
    const races: Compared[] = [];
    for (const id of ids) {
      const race = await lab.find(id);
      if (races.some((other) => other.race.id === race.id)) throw new UsageError(`${race.id} is given twice`);
      races.push({ race, trials: await lab.summaries(race.id) });
    }
    const rows = compareRaces(races);
    if (flags.json) return printJson({ races: races.map(({ race }) => race.id), rows });
    process.stdout.write(`${listing(rows, races)}\n\n${explanation(rows, races)}\n`);
  });
}

const paint: { readonly [K in Verdict]: (text: string) => string } = {
  better: colors.green,
  worse: colors.red,
  tied: (text) => text,
  reference: colors.dim,
  unsound: colors.yellow,
  alone: colors.dim,
};

const listing = (rows: readonly ComparedRow[], races: readonly Compared[]): string =>
  plainTable(rows, [
    { head: 'task', cell: ({ task }) => task },
    { head: 'competitor', cell: ({ competitor }) => colors.cyan(competitor) },
    { head: 'race', cell: ({ race }) => (races.length === 1 ? '' : race) },
    { head: 'metric', cell: ({ metric }) => metric },
    { head: 'final runs', cell: ({ metric, value }) => metricEstimate(metric, value), right: true },
    {
      head: 'difference',
      cell: ({ metric, difference }) => (difference ? metricDifference(metric, difference) : ''),
      right: true,
    },
    { head: 'verdict', cell: ({ verdict }) => paint[verdict](verdict) },
    { head: 'note', cell: noteOf },
  ]);

function noteOf({ verdict, paired, runs, finished }: ComparedRow): string {
  if (runs === 0) return 'no final run';
  if (finished < runs) return `${runs - finished} of ${plural(runs, 'final run')} did not finish`;
  return paired || verdict === 'reference' || verdict === 'alone' || verdict === 'unsound' ? '' : 'not paired';
}

function explanation(rows: readonly ComparedRow[], races: readonly Compared[]): string {
  const against =
    races.length === 1
      ? `against ${races[0].race.plan.baseline ?? 'the best mean'}`
      : 'against the same competitor in the first race that has it';
  const paired = rows.every(({ difference, paired }) => difference === null || paired);
  return [
    `Lower is better. Differences ${against}, ${paired ? 'paired by seed' : 'paired by seed where tasks and seeds are the same'}, each with its own 95% interval.`,
    'Better and worse hold with 95% confidence for all that is said together (Holm); the rest is tied.',
  ].join(' ');
}
