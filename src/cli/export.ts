import { plural } from '../lab/format.ts';
import { type ExportFormat, exportRace } from '../lab/store/export/export.ts';
import { ExportError } from '../lab/store/export/publish.ts';
import { UsageError } from './errors.ts';
import { type LabFlags, withLab } from './with-lab.ts';

export interface ExportFlags extends LabFlags {
  readonly format: ExportFormat;
  readonly out?: string;
  readonly yes?: boolean;
}

/** How the result is used, for each format. */
const next: { readonly [F in ExportFormat]: (out: string) => string } = {
  csv: (out) => `${out}/trials.csv, ${out}/curves.csv`,
  parquet: (out) => `${out}/trials.parquet, ${out}/curves.parquet`,
  tensorboard: (out) => `tensorboard --logdir ${out}`,
  json: (out) => out,
};

export async function exportCommand(id: string, flags: ExportFlags): Promise<void> {
  const { format, yes: overwrite = false } = flags;
  await withLab(flags, async (lab) => {
    const race = await lab.find(id);
    const out = flags.out ?? (format === 'json' ? `${race.id}.json` : `${race.id}-${format}`);
    try {
      const { trials } = await exportRace(lab, race.id, { format, out, overwrite });
      process.stdout.write(`${plural(trials, 'trial')} of ${race.id}: ${next[format](out)}\n`);
    } catch (error) {
      throw error instanceof ExportError ? new UsageError(error.message) : error;
    }
  });
}
