import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab, RaceRecord, TrialRecord, TrialSummary } from '../lab.ts';
import { openCsv } from './csv.ts';
import { openParquet } from './parquet.ts';
import { publish } from './publish.ts';
import { curveColumns, curveRows, trialTable } from './rows.ts';
import type { OpenTable } from './table.ts';
import { writeTensorboard } from './tensorboard.ts';

export const exportFormats = ['csv', 'parquet', 'tensorboard', 'json'] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** Trials that are read together. */
const trialsAtOnce = 100;

interface Source {
  readonly race: RaceRecord;
  readonly summaries: readonly TrialSummary[];
  /** With their curves, of which only those of a few trials are in memory. */
  trials(): AsyncIterable<TrialRecord>;
}

/**
 * Writes a race to `out`: for 'csv' and 'parquet' a folder with a table of trials and one of curves, for 'tensorboard' a log folder, for
 * 'json' one file. Trials that still run are in it, without curves. ExportError when there is something already and not `overwrite`.
 */
export async function exportRace(
  lab: Lab,
  id: string,
  { format, out, overwrite = false }: { format: ExportFormat; out: string; overwrite?: boolean },
): Promise<{ readonly race: RaceRecord; readonly trials: number }> {
  const race = await lab.find(id);
  const summaries = await lab.summaries(race.id);
  const source: Source = {
    race,
    summaries,
    async *trials() {
      for (let i = 0; i < summaries.length; i += trialsAtOnce) {
        const ids = summaries.slice(i, i + trialsAtOnce).map((summary) => summary.id);
        yield* await lab.records(race.id, ids);
      }
    },
  };
  await publish(out, overwrite, (place) => writers[format](place, source));
  return { race, trials: summaries.length };
}

const writers: { readonly [F in ExportFormat]: (place: string, source: Source) => Promise<void> } = {
  csv: (place, source) => writeTables(place, source, 'csv', openCsv),
  parquet: (place, source) => writeTables(place, source, 'parquet', openParquet),
  async tensorboard(place, { race, trials }) {
    await mkdir(place, { recursive: true });
    for await (const trial of trials()) await writeTensorboard(place, race.id, trial);
  },
  async json(place, { race, trials }) {
    const handle = await open(place, 'w');
    try {
      await handle.write(`{"race":${JSON.stringify(race)},\n"trials":[`);
      let between = '\n';
      for await (const trial of trials()) {
        await handle.write(between + JSON.stringify(trial));
        between = ',\n';
      }
      await handle.write('\n]}\n');
    } finally {
      await handle.close();
    }
  },
};

/** trials.csv and curves.csv. */
async function writeTables(place: string, { race, summaries, trials }: Source, suffix: string, openTable: OpenTable) {
  await mkdir(place, { recursive: true });
  const { columns, row } = trialTable(race.id, summaries);
  const trialFile = await openTable(join(place, `trials.${suffix}`), columns);
  const curveFile = await openTable(join(place, `curves.${suffix}`), curveColumns);
  try {
    for await (const trial of trials()) {
      await trialFile.write([row(trial)]);
      await curveFile.write(curveRows(race.id, trial));
    }
  } finally {
    await trialFile.close();
    await curveFile.close();
  }
}
