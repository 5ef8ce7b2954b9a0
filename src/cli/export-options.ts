import { type Command, Option } from 'commander';
import type { ExportFlags } from './export.ts';
import { addLabOption, examples } from './options.ts';

export const addExport = (program: Command): Command =>
  addLabOption(
    program
      .command('export')
      .description('write the trials and curves of a race for other programs to read')
      .argument('<race>', 'its id, or a beginning of it, or latest; see `thalweg runs`'),
  )
    .addOption(
      new Option('-f, --format <name>', 'csv and parquet: two tables; tensorboard: event files; json: everything')
        .choices(['csv', 'parquet', 'tensorboard', 'json'])
        .default('csv'),
    )
    .option('-o, --out <path>', 'the folder to make, for json the file (default: named after race and format)')
    .option('--no-curves', 'only what each trial came to: no table of curves; elsewhere their first and last points')
    .option('-y, --yes', 'overwrite what is there')
    .addHelpText(
      'after',
      examples(
        'thalweg export latest',
        'thalweg export latest --no-curves',
        'thalweg export latest --format parquet --out tables',
        'thalweg export race-12ab --format tensorboard --out runs && tensorboard --logdir runs',
      ),
    )
    .action(async (race: string, flags: ExportFlags) => (await import('./export.ts')).exportCommand(race, flags));
