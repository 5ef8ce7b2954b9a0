import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from './errors.ts';
import type { RaceFlags } from './race.ts';

const engines = ['auto', 'onnx', 'wasm', 'reference'];

/** The same two folders up from src/cli and from dist/cli. */
const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
  };

function engineName(text: string): string {
  if (engines.includes(text)) return text;
  const near = nearest(text, engines);
  throw new InvalidArgumentError(near ? `Did you mean '${near}'?` : `It must be one of ${engines.join(', ')}.`);
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;

/** The command line: what can be asked for, not how it is done. */
export function createProgram(): Command {
  const program = new Command('thalweg')
    .description('A laboratory for the optimization algorithms that train machine-learning models')
    .version(version(), '-v, --version')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(
          `thalweg: ${text
            .replace(/^error: /, '')
            .trim()
            .replaceAll(/\s*\n\s*/g, ' ')}\n`,
        ),
    })
    .addHelpText('after', examples('thalweg race --quick', 'thalweg explain adamw', 'thalweg race --help'));
  addRace(program);
  addMethods(program);
  addExplain(program);
  addTasks(program);
  for (const command of program.commands) {
    command.copyInheritedSettings(program).option('--debug', 'show the stack of an error');
  }
  // Without a command: the help, and no error.
  program.action(() => {
    if (program.args.length === 0) program.outputHelp();
    else program.error(unknownCommand(program), { code: 'commander.unknownCommand' });
  });
  program.allowExcessArguments();
  return program;
}

function unknownCommand(program: Command): string {
  const names = program.commands.map((command) => command.name());
  const near = nearest(program.args[0], names);
  const hint = near ? `did you mean '${near}'?` : `there are ${names.join(', ')}`;
  return `there is no command '${program.args[0]}'; ${hint}`;
}

function addRace(program: Command): void {
  program
    .command('race')
    .description('tune optimizers with equal budgets, run the best settings on fresh seeds, and report')
    .option('-t, --task <id>', 'what to train; see `thalweg tasks`', 'mnist-mlp')
    .option(
      '-o, --optimizers <list>',
      'comma-separated; see `thalweg methods`. sam(sgd) wraps, sgd[momentum=0.9] fixes a value',
    )
    .option('-n, --trials <n>', 'tuning trials of each optimizer', wholeNumber(1))
    .option('--tune-steps <n>', 'steps of a tuning trial (default: a third of --steps)', wholeNumber(1))
    .option('-k, --seeds <n>', 'final runs of each optimizer', wholeNumber(1))
    .option('-s, --steps <n>', 'steps of a final run (default: the budget of the task)', wholeNumber(1))
    .option('--seed <n>', 'all search points and run seeds follow from it', wholeNumber(0), 0)
    .option('-j, --jobs <n>', 'trials at once (default: one for each core)', wholeNumber(1))
    .addOption(new Option('-e, --engine <name>', `${engines.join(', ')}`).argParser(engineName).default('auto'))
    .option('--out <folder>', 'where report and raw trials go (default: reports/<task>-<time>)')
    .option('-q, --quick', 'a small race that ends in under a minute')
    .option('-y, --yes', 'overwrite an earlier race in --out without asking')
    .addHelpText(
      'after',
      examples(
        'thalweg race',
        'thalweg race --quick',
        'thalweg race --task mnist-cnn --optimizers adamw,muon,"sam(sgd)"',
        'thalweg race --optimizers "sgd[momentum=0.9,nesterov=true]",adamw --trials 30 --seeds 5',
      ),
    )
    .action(async (flags: RaceFlags) => (await import('./race.ts')).raceCommand(flags));
}

function addMethods(program: Command): void {
  program
    .command('methods')
    .description('list the optimizers, their hyperparameters and measured costs')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('thalweg methods', 'thalweg methods --json'))
    .action(async (flags: { json?: boolean }) => (await import('./methods.ts')).methodsCommand(flags));
}

function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say what a method, wrapper or schedule is, where it is from, and how to use it')
    .argument('<id>', 'see `thalweg methods`; composed names too')
    .addHelpText('after', examples('thalweg explain adamw', 'thalweg explain "sam(sgd)"', 'thalweg explain cosine'))
    .action(async (id: string) => (await import('./explain.ts')).explainCommand(id));
}

function addTasks(program: Command): void {
  program
    .command('tasks')
    .description('list what can be trained')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('thalweg tasks'))
    .action(async (flags: { json?: boolean }) => (await import('./tasks.ts')).tasksCommand(flags));
}
