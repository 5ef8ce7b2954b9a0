import {
  type ZooEntry,
  type ZooResult,
  type ZooTask,
  zooEntries,
  zooOptimizer,
  zooProtocol,
  zooSettings,
  zooTasks,
} from '../../src/lab/zoo.ts';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import type { AnyOptimizer } from '../../src/optim/registry.ts';
import { createRuntime, type Runtime } from '../../src/runtime/runtime.ts';
import type { Task } from '../../src/tasks/task.ts';
import { sweep } from '../../src/train/sweep.ts';
import { train } from '../../src/train/train.ts';

// One process of the zoo: it is told an entry and a task, and answers with the result.

export interface ZooQuestion {
  readonly name: string;
  readonly task: string;
}

type Measured = Pick<ZooResult, 'trials' | 'millisecondsPerStep'>;

const lossOf = (loss: number | undefined): number | null => (loss !== undefined && Number.isFinite(loss) ? loss : null);

const { steps, batchSize, seed, evaluateEvery } = zooProtocol;

/** All trials in one program. */
async function together(
  task: Task,
  optimizer: Optimizer,
  settings: Record<string, number>[],
  runtime: Runtime,
): Promise<Measured> {
  const trials = await sweep({ task, optimizer, settings, seed, steps, batchSize, evaluateEvery, runtime });
  const finished = trials.find(({ status }) => status === 'finished')?.validation.at(-1);
  return {
    trials: trials.map(({ status, validation }, i) => ({
      values: settings[i],
      loss: status === 'finished' ? lossOf(validation.at(-1)?.loss) : null,
    })),
    millisecondsPerStep: finished ? (1000 * finished.seconds) / steps : null,
  };
}

/** One after another: for a method that runs its own loop. */
async function alone(
  task: Task,
  optimizer: AnyOptimizer,
  settings: Record<string, number>[],
  runtime: Runtime,
): Promise<Measured> {
  const results = [];
  for (const values of settings) {
    const one = optimizer.with({ ...optimizer.values, ...values });
    const { status, validation, cost } = await train({
      task,
      optimizer: one,
      seed,
      steps,
      batchSize,
      evaluateEvery,
      runtime,
    });
    const loss = status === 'finished' ? lossOf(validation.at(-1)?.loss) : null;
    results.push({ trial: { values, loss }, milliseconds: cost.millisecondsPerStep });
  }
  return {
    trials: results.map(({ trial }) => trial),
    millisecondsPerStep: results.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / results.length,
  };
}

async function resultOf(entry: ZooEntry, { id, make }: ZooTask): Promise<ZooResult> {
  const began = performance.now();
  const about = { name: entry.name, task: id, fixed: entry.fixed, protocol: zooProtocol };
  const settings = zooSettings(entry);
  const runtime = createRuntime({ threads: 1 });
  const optimizer = zooOptimizer(entry);
  const run = async (): Promise<Measured & { error?: string }> => {
    try {
      return optimizer.kind === 'symbolic'
        ? await together(make(), optimizer, settings, runtime)
        : await alone(make(), optimizer, settings, runtime);
    } catch (error) {
      return { trials: [], millisecondsPerStep: null, error: String(error) };
    }
  };
  const measured = await run();
  return { ...about, ...measured, seconds: (performance.now() - began) / 1000 };
}

process.on('message', async ({ name, task }: ZooQuestion) => {
  const entry = zooEntries().find((one) => one.name === name);
  const on = zooTasks.find(({ id }) => id === task);
  if (entry && on) process.send?.(await resultOf(entry, on));
});
// The parent decides when a run is interrupted.
process.on('SIGINT', () => {});
