import { existsSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CompetitorError } from '../lab/competitor.ts';
import { duration, metricName, plural } from '../lab/format.ts';
import { race } from '../lab/race.ts';
import type { RaceResult } from '../lab/result.ts';
import { headline } from '../lab/score.ts';
import { reportFile, trialsFile } from '../lab/store.ts';
import type { EngineName } from '../runtime/engine.ts';
import { getTask } from '../tasks/registry.ts';
import { defaultOptimizers, fullBudget, quickBudget } from './defaults.ts';
import { interruptedCode, UsageError } from './errors.ts';
import { checkTask, competitorsOf, splitList } from './names.ts';
import { lineProgress } from './progress-lines.ts';
import { liveProgress } from './progress-live.ts';
import { resultTables } from './race-table.ts';

export interface RaceFlags {
  readonly task: string;
  readonly optimizers?: string;
  readonly trials?: number;
  readonly tuneSteps?: number;
  readonly seeds?: number;
  readonly steps?: number;
  readonly seed: number;
  readonly jobs?: number;
  readonly engine: EngineName;
  readonly out?: string;
  readonly quick?: boolean;
  readonly yes?: boolean;
}

export async function raceCommand(flags: RaceFlags): Promise<void> {
  checkTask(flags.task);
  const budget = flags.quick ? quickBudget : fullBudget;
  const steps = flags.steps ?? budget.steps ?? getTask(flags.task).steps;
  const names = flags.optimizers === undefined ? [...defaultOptimizers] : splitList(flags.optimizers);
  if (names.length === 0) throw new UsageError('--optimizers names none');
  const directory = flags.out ?? join('reports', `${flags.task}-${timestamp(new Date())}`);
  await makeRoom(directory, flags.yes === true);

  const stop = new AbortController();
  const live = process.stdout.isTTY && process.env.TERM !== 'dumb' && !process.env.CI;
  const progress = live ? liveProgress(process.stdout) : lineProgress(process.stdout);
  const release = onInterrupt((signal) => {
    progress.say('stopping; finished trials are kept (Ctrl-C again: at once)');
    stop.abort(signal);
  });
  let result: RaceResult;
  try {
    result = await race({
      task: flags.task,
      competitors: competitorsOf(names),
      trials: flags.trials ?? budget.trials,
      seeds: flags.seeds ?? budget.seeds,
      steps,
      tuneSteps: flags.tuneSteps ?? Math.max(1, Math.round(steps * budget.tuneShare)),
      evaluations: budget.evaluations,
      seed: flags.seed,
      jobs: flags.jobs,
      engine: flags.engine,
      directory,
      command: repeat(flags),
      signal: stop.signal,
      onEvent: (event) => progress.show(event),
    });
  } catch (error) {
    throw error instanceof CompetitorError ? new UsageError(error.message) : error;
  } finally {
    progress.done();
    release();
  }
  printResult(result, directory);
  if (result.status === 'interrupted') process.exitCode = interruptedCode;
}

function printResult(result: RaceResult, directory: string): void {
  const { rows, protocol, status, seconds, trials } = result;
  const width = process.stdout.isTTY ? process.stdout.columns : 160;
  const where = (file: string) => {
    const path = relative('.', join(directory, file));
    return path.startsWith('..') ? resolve(directory, file) : path;
  };
  const note = status === 'interrupted' ? 'Interrupted: only what had finished. ' : '';
  process.stdout.write(
    `\n${resultTables(result, width)}\n\n${note}${headline(rows, metricName(protocol))}\n` +
      `${plural(trials.length, 'trial')} in ${duration(seconds)}\n\n` +
      `report      ${where(reportFile)}\nraw trials  ${where(trialsFile)}\n`,
  );
}

/** The command that runs the same race again: what was given, and where files go is up to the next one. */
function repeat(flags: RaceFlags): string {
  const quoted = (text: string) => (/^[\w.,=-]+$/.test(text) ? text : `"${text}"`);
  const words = Object.entries(flags)
    .filter(([name]) => !['out', 'yes', 'debug'].includes(name))
    .map(([name, value]) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? flag : `${flag} ${quoted(String(value))}`;
    });
  return ['npx thalweg race', ...words].join(' ');
}

/** '20260301-142530', local time. */
function timestamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** Asks before an earlier race in the same folder is lost. */
async function makeRoom(directory: string, yes: boolean): Promise<void> {
  const earlier = [trialsFile, reportFile].map((file) => join(directory, file)).filter(existsSync);
  if (earlier.length === 0) return;
  if (!yes) {
    const question = `${directory} holds an earlier race`;
    if (!process.stdin.isTTY || !process.stdout.isTTY) throw new UsageError(`${question}; --yes overwrites it`);
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`${question}. Overwrite it? [y/N] `);
    terminal.close();
    if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError(`${directory} is left as it was; choose another --out`);
  }
  for (const file of earlier) rmSync(file);
}

/** Calls back at the first Ctrl-C or SIGTERM; the second leaves at once. Returns how to undo it. */
function onInterrupt(first: (signal: NodeJS.Signals) => void): () => void {
  let asked = false;
  const hear = (signal: NodeJS.Signals) => {
    if (asked) process.exit(interruptedCode);
    asked = true;
    first(signal);
  };
  process.on('SIGINT', hear).on('SIGTERM', hear);
  return () => process.off('SIGINT', hear).off('SIGTERM', hear);
}
