import type { Command } from 'commander';
import type { GcFlags } from './gc.ts';
import { addLabOption, examples, listOf, wholeNumber } from './options.ts';
import type { ShowFlags } from './show.ts';
import type { LabFlags } from './with-lab.ts';

/** The commands that look at a lab, and the one that clears it up. */

export const addRuns = (program: Command): Command =>
  addLabOption(program.command('runs').description('list the races of a lab, newest first'))
    .option('--json', 'as JSON')
    .addHelpText('after', examples('thalweg runs', 'thalweg runs --lab postgres://me@there/lab'))
    .action(async (flags: LabFlags & { json?: boolean }) => (await import('./runs.ts')).runsCommand(flags));

export const addShow = (program: Command): Command =>
  addLabOption(
    program
      .command('show')
      .description('say what a race is and what it showed; or all that is known of one trial')
      .argument('<race>', 'its id, or a beginning of it, or latest; see `thalweg runs`')
      .argument('[trial]', 'its id, or a beginning of it'),
  )
    .option('--report <file>', 'write the report of the race, as one HTML page')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        'thalweg show latest',
        'thalweg show latest mnist-mlp/adamw/final/0',
        'thalweg show race-12ab --report report.html',
      ),
    )
    .action(async (race: string, trial: string | undefined, flags: ShowFlags) =>
      (await import('./show.ts')).showCommand(race, trial, flags),
    );

export const addCompare = (program: Command): Command =>
  addLabOption(
    program
      .command('compare')
      .description('put competitors side by side: those of one race, or each with itself in several races')
      .argument('<races...>', 'ids, or beginnings of them, or latest'),
  )
    .option('--json', 'as JSON')
    .addHelpText('after', examples('thalweg compare latest', 'thalweg compare before-12ab after-34cd'))
    .action(async (races: string[], flags: LabFlags & { json?: boolean }) =>
      (await import('./compare.ts')).compareCommand(races, flags),
    );

export const addGc = (program: Command): Command =>
  addLabOption(
    program.command('gc').description('delete old races and checkpoints that nobody needs, and compact the lab'),
  )
    .option('--older <days>', 'delete races that began more than so many days ago', wholeNumber(0))
    .option('--keep <n>', 'delete all races but the newest n', wholeNumber(0))
    .option('--races <ids>', 'delete these, comma-separated', listOf)
    .option('--dry-run', 'only say what would go')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'thalweg gc --dry-run --older 30',
        'thalweg gc --keep 10 --older 30 --yes',
        'thalweg gc --races race-12ab',
      ),
    )
    .action(async (flags: GcFlags) => (await import('./gc.ts')).gcCommand(flags));
