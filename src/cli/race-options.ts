import { type Command, Option } from 'commander';
import { addRunOptions, engineName, engines, examples, listOf, wholeNumber } from './options.ts';
import type { BeginFlags } from './race.ts';
import type { RaceFlags } from './spec-from-flags.ts';
import type { RunFlags } from './watch-race.ts';

export function addRace(program: Command): void {
  const race = program
    .command('race')
    .description('tune optimizers with equal budgets, run the best settings on fresh seeds, and report')
    .argument('[file]', 'the race: JSON, or a TypeScript or JavaScript module; without it, what the options say')
    .option('-t, --task <list>', 'what to train, comma-separated; see `thalweg tasks` (default: mnist-mlp)', listOf)
    .option(
      '-o, --optimizers <list>',
      'comma-separated; see `thalweg methods`. sam(sgd) wraps, sgd[momentum=0.9] fixes a value',
      listOf,
    )
    .option('-p, --protocol <kind>', 'how settings are chosen and judged (default: equal-budget)')
    .option('--tuner <kind>', 'what chooses settings, with options: hyperband[eta=4] (default: quasi-random)')
    .option('-n, --trials <n>', 'tuning trials of each optimizer', wholeNumber(1))
    .option(
      '--tune-steps <n>',
      'steps of a tuning trial (default: a third of --steps; all with --tuner)',
      wholeNumber(1),
    )
    .option('-k, --seeds <n>', 'final runs of each optimizer', wholeNumber(1))
    .option('-s, --steps <n>', 'steps of a final run (default: the budget of the task)', wholeNumber(1))
    .option('--evaluations <n>', 'evaluations in a final run', wholeNumber(1))
    .option('--seed <n>', 'all search points and run seeds follow from it (default: 0)', wholeNumber(0))
    .addOption(new Option('-e, --engine <name>', `${engines.join(', ')} (default: auto)`).argParser(engineName))
    .option('--reuse <race>', 'take over the trials of this race of the lab that would only be run again')
    .option('-q, --quick', 'a small race that ends in under a minute');
  addRunOptions(race)
    .addHelpText(
      'after',
      examples(
        'thalweg race',
        'thalweg race --quick',
        'thalweg race --task mnist-cnn --optimizers adamw,muon,"sam(sgd)"',
        'thalweg race --optimizers "sgd[momentum=0.9,nesterov=true]",adamw --trials 30 --seeds 5',
        'thalweg race --task mnist-mlp,mnist-cnn --tuner hyperband',
        'thalweg race examples/races/quick.json',
      ),
    )
    .action(async (file: string | undefined, flags: RaceFlags & RunFlags & BeginFlags) =>
      (await import('./race.ts')).raceCommand(file, flags),
    );
}

export function addResume(program: Command): void {
  const resume = program
    .command('resume')
    .description('go on with a race that was interrupted or killed')
    .argument('[id]', 'of the race, or a beginning of it (default: the newest that is not finished)');
  addRunOptions(resume)
    .addHelpText('after', examples('thalweg resume', 'thalweg resume --lab elsewhere.sqlite --jobs 1'))
    .action(async (id: string | undefined, flags: RunFlags) => (await import('./resume.ts')).resumeCommand(id, flags));
}
