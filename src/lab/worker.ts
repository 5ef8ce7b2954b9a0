/** A process that runs trials, one after another, on one engine thread. Started by worker-pool.ts. */

import { createRuntime } from '../runtime/runtime.ts';
import { getTask } from '../tasks/index.ts';
import { competitorOptimizer } from './competitor.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import { type Bench, runTrial } from './trial.ts';

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

let bench: Bench | undefined;
let cancel: AbortController | undefined;

async function setUp({ task: id, competitors, schedule, engine }: WorkerSetup): Promise<boolean> {
  const task = getTask(id);
  const data = await task.data();
  const plans = new Map(competitors.map((competitor) => [competitor.label, competitor]));
  bench = {
    task,
    runtime: createRuntime({ engine, threads: 1 }),
    optimizer: ({ competitor, values }) => {
      const plan = plans.get(competitor);
      if (!plan) throw new Error(`worker: no competitor '${competitor}'`);
      return competitorOptimizer(plan, values, schedule);
    },
  };
  return data !== null;
}

async function answer(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'setup':
      await setUp(message.setup).then(
        (hasData) => tell({ type: 'ready', hasData }),
        (error: Error) => tell({ type: 'refused', error: error.message }),
      );
      return;
    case 'run': {
      if (!bench) throw new Error('worker: told to run before it was set up');
      cancel = new AbortController();
      const report = (progress: Extract<FromWorker, { type: 'progress' }>['progress']) =>
        tell({ type: 'progress', progress });
      tell({ type: 'ended', outcome: await runTrial(bench, message.plan, report, cancel.signal) });
      return;
    }
    case 'cancel':
      cancel?.abort();
  }
}

// Ctrl-C reaches the whole process group; the parent decides what it means.
process.on('SIGINT', () => {});
process.on('message', (message) => void answer(message as ToWorker));
process.on('disconnect', () => process.exit(0));
