import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { nearest } from './errors.ts';
import { addExport } from './export-options.ts';
import { addCompare, addGc, addRuns, addShow } from './lab-options.ts';
import { examples } from './options.ts';
import { addRace, addResume } from './race-options.ts';
import { addWorker } from './worker-options.ts';

/** The same two folders up from src/cli and from dist/cli. */
const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** The command line: what can be asked for, not how it is done. Each command loads its own work when it runs. */
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
  addResume(program);
  addWorker(program);
  addRuns(program);
  addShow(program);
  addCompare(program);
  addGc(program);
  addExport(program);
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
