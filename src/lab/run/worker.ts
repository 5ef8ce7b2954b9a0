/** A process that runs trials, one after another, on one engine thread. Started by worker-pool.ts. */

import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import { createRuntime } from '../../runtime/runtime.ts';
import { loadCast } from '../cast.ts';
import type { TrialPlan } from '../plan.ts';
import { runJob } from './batch.ts';
import { CheckpointFolders } from './checkpoint-folders.ts';
import type { Job } from './lane.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import type { Bench } from './trial.ts';

/** Milliseconds between two signs of life. */
const heartbeat = 500;

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

let bench: Bench | undefined;
let cancel: AbortController | undefined;
let first = true;
/** Largest resident memory since the job began, in bytes. */
let peakBytes = 0;

function measure(): number {
  const bytes = process.memoryUsage.rss();
  peakBytes = Math.max(peakBytes, bytes);
  return bytes;
}

async function setUp({ plan, checkpoints, checkpointSeconds }: WorkerSetup): Promise<void> {
  const cast = await loadCast(plan.module);
  for (const { task } of plan.tasks) cast.task(task);
  bench = {
    plan,
    cast,
    runtime: createRuntime({ engine: plan.engine, threads: 1 }),
    folders: new CheckpointFolders(checkpoints),
    checkpointSeconds,
    warn: (text) => tell({ type: 'warning', text }),
  };
}

async function run(job: Job, ancestors: readonly TrialPlan[]): Promise<void> {
  if (!bench) throw new Error('worker: told to run before it was set up');
  cancel = new AbortController();
  peakBytes = 0;
  const report = (plan: TrialPlan, progress: Extract<FromWorker, { type: 'progress' }>['progress']) =>
    tell({ type: 'progress', index: job.indexOf(plan), progress });
  const outcomes = await runJob(bench, job, ancestors, report, cancel.signal);
  measure();
  // A process that is killed keeps nothing of what it compiled.
  if (first) flushCompileCache();
  first = false;
  tell({ type: 'ended', outcomes: outcomes.map((outcome) => ({ ...outcome, peakBytes })) });
}

async function answer(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'setup':
      await setUp(message.setup).then(
        () => tell({ type: 'ready' }),
        (error: Error) => tell({ type: 'refused', error: error.message }),
      );
      return;
    case 'run':
      await run(message.job, message.ancestors).catch((error: Error) => tell({ type: 'stuck', error: error.message }));
      return;
    case 'cancel':
      cancel?.abort();
  }
}

// A loop that never gives way would outlive its parent: a thread of its own sees that the parent is gone.
const guard = `
  const parent = ${process.ppid};
  setInterval(() => { if (process.ppid !== parent) process.kill(${process.pid}, 'SIGKILL'); }, 1000);
`;
new Worker(guard, { eval: true, execArgv: [], stdin: false }).unref();

setInterval(() => tell({ type: 'alive', bytes: measure() }), heartbeat);
// Ctrl-C and the end of a batch job reach the whole process group; the parent decides what they mean.
process.on('SIGINT', () => {}).on('SIGTERM', () => {});
process.on('message', (message) => void answer(message as ToWorker));
process.on('disconnect', () => process.exit(0));
