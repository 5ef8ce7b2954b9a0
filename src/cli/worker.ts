import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { endOf } from '../lab/analysis/ends.ts';
import { duration, number, plural } from '../lab/format.ts';
import type { Trial } from '../lab/plan.ts';
import { type QueueWorkerEvent, runQueueWorker } from '../lab/queue/queue-worker.ts';
import { withoutPassword } from '../lab/store/postgres.ts';
import { interruptedCode } from './errors.ts';

export interface WorkerFlags {
  readonly queue: string;
  readonly jobs?: number;
  readonly checkpoints: string;
  readonly untilIdle?: number;
  readonly once?: boolean;
  readonly anyVersion?: boolean;
  readonly memoryLimit?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** SIGTERM ends a process by convention with 128 + 15. */
const terminatedCode = 143;

/** Runs trials of any race in the queue, until it is told to stop or has been idle for long enough. */
export async function workerCommand(flags: WorkerFlags): Promise<void> {
  const checkpoints = resolve(flags.checkpoints);
  const show = flags.json ? showJson : flags.quiet ? showTroubles : showLines(flags, checkpoints);
  const stop = new AbortController();
  const release = onStop((code) => {
    process.exitCode = code;
    stop.abort();
    show({ type: 'warning', text: 'stopping; running trials go back to the queue (once more: at once)' });
  });
  try {
    const { trials, refused } = await runQueueWorker({
      address: flags.queue,
      jobs: flags.jobs ?? availableParallelism(),
      checkpoints,
      untilIdle: flags.untilIdle,
      once: flags.once,
      anyVersion: flags.anyVersion,
      memoryLimit: flags.memoryLimit,
      signal: stop.signal,
      onEvent: show,
    });
    if (!flags.json && !flags.quiet) process.stdout.write(`${plural(trials, 'trial')} run here\n`);
    // What it refused was said; whoever started it is to notice.
    if (trials === 0 && refused > 0) process.exitCode ??= 1;
  } finally {
    release();
  }
}

function showJson(event: QueueWorkerEvent): void {
  process.stdout.write(
    `${JSON.stringify(event.type === 'ended' ? { ...event, trial: summaryOf(event.trial) } : event)}\n`,
  );
}

function showTroubles(event: QueueWorkerEvent): void {
  const text = troubleOf(event);
  if (text !== null) process.stderr.write(`thalweg: ${text}\n`);
}

function showLines(flags: WorkerFlags, checkpoints: string): (event: QueueWorkerEvent) => void {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  return (event) => {
    if (event.type === 'ready') {
      say(
        `${hostname()}: ${plural(event.jobs, 'trial')} at once from ${withoutPassword(flags.queue)}; checkpoints in ${checkpoints}`,
      );
    } else if (event.type === 'race') say(`${event.race}: takes part`);
    else if (event.type === 'ended') say(`${event.race}: ${lineOf(event.trial)}`);
    else showTroubles(event);
  };
}

/** What is worth a line even when it is to be quiet. */
function troubleOf(event: QueueWorkerEvent): string | null {
  switch (event.type) {
    case 'warning':
      return event.text;
    case 'refused':
      return event.why;
    case 'left':
      return `${event.race}: ${event.trials.join(', ')}: ${event.why}`;
    default:
      return null;
  }
}

function lineOf(trial: Trial): string {
  const { plan, outcome } = trial;
  const loss = endOf(trial)?.loss;
  const end = outcome.error ?? (loss === undefined ? null : `loss ${number(loss)}`);
  return `${plan.id}: ${[outcome.status, end, duration(outcome.wallSeconds)].filter(Boolean).join(', ')}`;
}

function summaryOf(trial: Trial): object {
  const { plan, outcome } = trial;
  const { id, seed, until, values } = plan;
  const { status, error, steps, wallSeconds } = outcome;
  return { id, seed, until, values, status, error, steps, loss: endOf(trial)?.loss ?? null, seconds: wallSeconds };
}

/** Calls back at the first SIGINT or SIGTERM with the exit code that stands for it; the second leaves at once. */
function onStop(first: (code: number) => void): () => void {
  let asked = false;
  const hear = (signal: NodeJS.Signals) => {
    const code = signal === 'SIGTERM' ? terminatedCode : interruptedCode;
    if (asked) process.exit(code);
    asked = true;
    first(code);
  };
  process.on('SIGINT', hear).on('SIGTERM', hear);
  return () => process.off('SIGINT', hear).off('SIGTERM', hear);
}
