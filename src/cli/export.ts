import { plural } from '../lab/format.ts';
import { type ExportFormat, exportRace } from '../lab/store/export/export.ts';
import { ExportError } from '../lab/store/export/publish.ts';
import { UsageError } from './errors.ts';
import { type LabFlags, withLab } from './with-lab.ts';

export interface ExportFlags extends LabFlags {
  readonly format: ExportFormat;
  readonly out?: string;
  readonly yes?: boolean;
  readonly curves?: boolean;
}

/** How the result is used, for each format. */
const next: { readonly [F in ExportFormat]: (out: string, curves: boolean) => string } = {
  csv: (out, curves) => tables(out, 'csv', curves),
  parquet: (out, curves) => tables(out, 'parquet', curves),
  tensorboard: (out) => `tensorboard --logdir ${out}`,
  json: (out) => out,
};

const tables = (out: string, suffix: string, curves: boolean): string =>
  (curves ? ['trials', 'curves'] : ['trials']).map((name) => `${out}/${name}.${suffix}`).join(', ');

export async function exportCommand(id: string, flags: ExportFlags): Promise<void> {
  const { format, yes: overwrite = false, curves = true } = flags;
  await withLab(flags, async (lab) => {
    const race = await lab.find(id);
    const out = flags.out ?? (format === 'json' ? `${race.id}.json` : `${race.id}-${format}`);
    try {
      const { trials } = await exportRace(lab, race.id, { format, out, overwrite, curves });
      process.stdout.write(`${plural(trials, 'trial')} of ${race.id}: ${next[format](out, curves)}\n`);
    } catch (error) {
      throw error instanceof ExportError ? new UsageError(error.message) : error;
    }
  });
}
