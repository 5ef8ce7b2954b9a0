import { join } from 'node:path';
import { checkReport, writeReport } from '#lab/report-file';
import { isAddress } from '#lab/store/open';
import type { RunOptions } from '../lab/race.ts';
import type { RaceResult } from '../lab/result.ts';
import { interruptedCode, UsageError } from './errors.ts';
import { defaultLab } from './options.ts';
import { printRace, quoted } from './print-race.ts';
import { chooseProgress, type ProgressFlags } from './progress.ts';
import type { Progress } from './progress-state.ts';

/** How a race runs, as a command line says it. */
export interface RunFlags extends ProgressFlags {
  readonly jobs?: number;
  readonly lab?: string;
  readonly queue?: string;
  readonly memoryLimit?: number;
  readonly report?: string;
}

/** What a race is told of the command line that it runs under. */
export type Watched = Pick<RunOptions, 'jobs' | 'memoryLimit' | 'signal' | 'onEvent' | 'runner' | 'report'> & {
  readonly lab: string;
};

/** Runs a race in front of somebody: shows its progress, stops it at Ctrl-C, prints its table, writes its report. */
export async function watchRace(flags: RunFlags, run: (watched: Watched) => Promise<RaceResult>): Promise<void> {
  const lab = labOf(flags);
  const stop = new AbortController();
  const progress = chooseProgress(flags);
  const release = onInterrupt((signal) => {
    progress.say('stopping; what is done is kept (Ctrl-C again: at once; what is done is kept then, too)');
    stop.abort(signal);
  });
  let begun = false;
  const watched: Watched = {
    lab,
    report: flags.report,
    memoryLimit: flags.memoryLimit,
    signal: stop.signal,
    onEvent(event) {
      begun = true;
      progress.show(event);
    },
  };
  let result: RaceResult;
  try {
    result = await (flags.queue === undefined
      ? run({ ...watched, jobs: flags.jobs })
      : inQueue(flags.queue, flags.jobs ?? 0, progress, (runner) => run({ ...watched, runner })));
  } catch (error) {
    if (begun) progress.say(`what has ended is kept; to go on: ${await resumeLine(null, flags)}`);
    throw error;
  } finally {
    progress.done();
    release();
  }
  const report = flags.report ?? join('reports', `${result.id}.html`);
  if (flags.report === undefined) {
    checkReport(report);
    await writeReport(report, result);
  }
  await printRace(result, {
    report,
    lab: await shownLab(lab),
    resume: await resumeLine(result.id, flags),
    json: flags.json,
  });
  if (result.status === 'interrupted') process.exitCode = interruptedCode;
}

/** A race in a queue is kept in the database of the queue. */
export function labOf({ lab, queue, jobs }: RunFlags): string {
  if (queue === undefined) {
    if (jobs === 0)
      throw new UsageError('--jobs 0 runs nothing here: it goes with --queue, for others to run the trials');
    return lab ?? defaultLab();
  }
  if (!isAddress(queue))
    throw new UsageError(`--queue is '${queue}'; it must be the postgres:// address of a database`);
  if (lab !== undefined && lab !== queue) {
    throw new UsageError(
      '--lab is another one than --queue: a race in a queue is kept in its database; leave --lab out',
    );
  }
  return queue;
}

/** What to type to go on with a race. */
async function resumeLine(id: string | null, { lab, queue }: RunFlags): Promise<string> {
  const where = queue === undefined ? (lab ?? defaultLab()) : queue;
  const flag = queue === undefined ? '--lab' : '--queue';
  const words = where === defaultLab() ? [] : [flag, quoted(await shownLab(where))];
  return ['npx thalweg resume', ...(id === null ? [] : [id]), ...words].join(' ');
}

/** A lab as it may be shown to anybody. */
async function shownLab(lab: string): Promise<string> {
  if (!isAddress(lab)) return lab;
  const { withoutPassword } = await import('../lab/store/postgres.ts');
  return withoutPassword(lab);
}

async function inQueue(
  address: string,
  jobs: number,
  progress: Progress,
  run: (runner: Watched['runner']) => Promise<RaceResult>,
): Promise<RaceResult> {
  const { queued, workingBeside } = await import('./through-queue.ts');
  return workingBeside(
    address,
    jobs,
    (text) => progress.say(text),
    () => run(queued(address)),
  );
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
