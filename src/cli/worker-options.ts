import { type Command, Option } from 'commander';
import { byteCount, examples, wholeNumber } from './options.ts';
import type { WorkerFlags } from './worker.ts';

export const addWorker = (program: Command): Command =>
  program
    .command('worker')
    .description('run trials of races on other machines, from a queue in PostgreSQL')
    .addOption(
      new Option('--queue <address>', 'postgres://user:password@host/database, as for `thalweg race --queue`')
        .env('THALWEG_QUEUE')
        .makeOptionMandatory(),
    )
    .option('-j, --jobs <n>', 'trials at once (default: one for each core)', wholeNumber(1))
    .option('--checkpoints <folder>', 'where trials keep checkpoints; other hosts may share it', 'thalweg-checkpoints')
    .option('--until-idle <seconds>', 'end after so long without work (default: never)', wholeNumber(0))
    .option('--once', 'end after one job in each of --jobs processes')
    .option('--any-version', 'take part in races of other versions of thalweg, whose numbers may differ')
    .addOption(
      new Option('--memory-limit <size>', 'of one trial, as in 800M or 2G; one that takes more is ended').argParser(
        byteCount,
      ),
    )
    .option('--quiet', 'only what went wrong')
    .option('--json', 'a JSON object for each event, one a line')
    .addHelpText(
      'after',
      examples(
        'thalweg worker --queue postgres://thalweg@db.example.org/thalweg',
        'thalweg worker --jobs 4 --checkpoints /scratch/thalweg --until-idle 600',
      ),
    )
    .action(async (flags: WorkerFlags) => (await import('./worker.ts')).workerCommand(flags));
