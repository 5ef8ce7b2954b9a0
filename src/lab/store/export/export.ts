import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../train/make-folder.ts';
import type { Lab, RaceRecord, TrialRecord, TrialSummary } from '../lab.ts';
import { openCsv } from './csv.ts';
import { openParquet } from './parquet.ts';
import { publish } from './publish.ts';
import { curveBlock, curveColumns, trialTable } from './rows.ts';
import type { OpenTable } from './table.ts';
import { writeTensorboard } from './tensorboard.ts';

export const exportFormats = ['csv', 'parquet', 'tensorboard', 'json'] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** Trials that are read together: with their curves few, which are held in memory. */
const trialsAtOnce = { withCurves: 100, without: 2000 } as const;

/** Small files that are written at the same time. */
const filesAtOnce = 16;

export interface ExportOptions {
  readonly format: ExportFormat;
  /** The folder, or for 'json' the file, that is made. */
  readonly out: string;
  readonly overwrite?: boolean;
  /** Default true. Without them there is no table of curves, and elsewhere of each curve its first and its last point. */
  readonly curves?: boolean;
}

interface Source {
  readonly race: RaceRecord;
  readonly summaries: readonly TrialSummary[];
  readonly curves: boolean;
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
  { format, out, overwrite = false, curves = true }: ExportOptions,
): Promise<{ readonly race: RaceRecord; readonly trials: number }> {
  const race = await lab.find(id);
  const summaries = await lab.summaries(race.id);
  const source: Source = {
    race,
    summaries,
    curves,
    async *trials() {
      const atOnce = curves ? trialsAtOnce.withCurves : trialsAtOnce.without;
      for (let i = 0; i < summaries.length; i += atOnce) {
        const ids = summaries.slice(i, i + atOnce).map((summary) => summary.id);
        yield* await lab.records(race.id, ids, { curves });
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
    makeFolder(place);
    let writing: Promise<void>[] = [];
    for await (const trial of trials()) {
      writing.push(writeTensorboard(place, race.id, trial));
      if (writing.length < filesAtOnce) continue;
      await allOf(writing);
      writing = [];
    }
    await allOf(writing);
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

/** Waits for all, also where one fails: who clears up after it must not meet others that still write. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const done of await Promise.allSettled(work)) if (done.status === 'rejected') throw done.reason;
}

/** trials.csv and curves.csv. */
async function writeTables(place: string, source: Source, suffix: string, openTable: OpenTable) {
  const { race, summaries, curves, trials } = source;
  makeFolder(place);
  const { columns, block } = trialTable(race.id, summaries);
  const trialFile = await openTable(join(place, `trials.${suffix}`), columns);
  const curveFile = curves ? await openTable(join(place, `curves.${suffix}`), curveColumns) : null;
  try {
    for await (const trial of trials()) {
      await trialFile.write(block(trial));
      await curveFile?.write(curveBlock(race.id, trial));
    }
  } finally {
    await trialFile.close();
    await curveFile?.close();
  }
}
