import { describe, expect, test } from 'vitest';
import { noisyTask } from '../../../tests/noisy-task.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { competitorPlan, madeUpPlan, madeUpTask, trialPlan } from '../../testing/race.ts';
import { castOf } from '../cast.ts';
import type { Outcome, TrialPlan } from '../plan.ts';
import { runJob } from './batch.ts';
import { CheckpointFolders } from './checkpoint-folders.ts';
import type { Bench } from './trial.ts';

const task = madeUpTask('noisy', { steps: 24, batchSize: 32, target: { metric: 'error', value: 0.9 } });
const bench: Bench = {
  plan: madeUpPlan({ tasks: [task], competitors: ['adamw', 'sgd', competitorPlan('lbfgs', { scheduled: false })] }),
  cast: castOf({ tasks: { noisy: noisyTask() } }),
  runtime: createRuntime({ engine: 'wasm', threads: 1 }),
  folders: new CheckpointFolders('memory:batch-test'),
  checkpointSeconds: 10,
  warn: () => {},
};
const never = new AbortController().signal;

const trials = (competitor: string, settings: readonly TrialPlan['values'][]): TrialPlan[] =>
  settings.map((values, i) => ({
    ...trialPlan(competitor, 'tune', i, 0.1, task),
    evaluateEvery: 8,
    values,
    batch: 'together',
  }));
let runs = 0;
const run = (job: readonly TrialPlan[]) => {
  // The trials of two cases go by the same names.
  const folders = new CheckpointFolders(`memory:batch-test-${++runs}`);
  return runJob({ ...bench, folders }, job, [], () => {}, never);
};
const alone = async (job: readonly TrialPlan[]) => (await Promise.all(job.map((plan) => run([plan])))).flat();

describe('the trials of a batch', () => {
  test('run as one program, and come to what each comes to alone, up to rounding', async () => {
    const job = trials('adamw', [{ lr: 0.01 }, { lr: 0.003, weightDecay: 0.1 }, { lr: 0.03 }]);
    const [together, each] = [await run(job), await alone(job)];
    for (const [i, outcome] of together.entries()) {
      const { status, steps, cost, validation, trainLoss, targetReached } = outcome;
      expect([status, steps]).toEqual(['finished', 24]);
      expect(cost.calls).toEqual(each[i].cost.calls);
      expect(cost.stateBytesPerParameter).toBe(each[i].cost.stateBytesPerParameter);
      expect(validation.map(({ step }) => step)).toEqual([8, 16, 24]);
      expect(targetReached?.step).toBe(each[i].targetReached?.step);
      for (const [k, { loss }] of each[i].validation.entries()) expect(validation[k].loss).toBeCloseTo(loss, 4);
      expect(trainLoss.map(({ step }) => step)).toEqual(each[i].trainLoss.map(({ step }) => step));
      for (const [k, { loss }] of each[i].trainLoss.entries()) expect(trainLoss[k].loss).toBeCloseTo(loss, 4);
    }
    // Equal shares: it was one program.
    expect(new Set(together.map(({ wallSeconds }) => wallSeconds)).size).toBe(1);
    expect(new Set(each.map(({ wallSeconds }) => wallSeconds)).size).toBe(3);
  });

  test('that diverge do so alone', async () => {
    const outcomes = await run(trials('sgd', [{ lr: 0.01 }, { lr: 1e30 }]));
    expect(outcomes.map(({ status }) => status)).toEqual(['finished', 'diverged']);
    expect(outcomes[1].steps).toBeLessThan(24);
    expect(outcomes[1].cost.calls.gradient).toBe(outcomes[1].steps);
  });

  test.each<[string, TrialPlan[]]>([
    ['what shapes the program differs', trials('sgd', [{ momentum: 0 }, { momentum: 0.9 }])],
    ['a host loop drives the method', trials('lbfgs', [{ lr: 1 }, { lr: 0.5 }])],
    ['they are tested at the end', trials('sgd', [{ lr: 0.1 }, { lr: 0.2 }]).map((plan) => ({ ...plan, test: true }))],
    ['a value is not legal', trials('sgd', [{ lr: 0.1 }, { lr: -1 }])],
  ])('run one after another where %s', async (_, job) => {
    const [together, each] = [await run(job), await alone(job)];
    const numbers = ({ status, error, validation, trainLoss, test: at }: Outcome) => ({
      status,
      error,
      losses: validation.map(({ loss }) => loss),
      trainLoss,
      at: at?.loss,
    });
    expect(together.map(numbers)).toEqual(each.map(numbers));
  });

  test('that are interrupted have no result', async () => {
    const stop = new AbortController();
    const job = trials('sgd', [{ lr: 0.1 }, { lr: 0.2 }]).map((plan) => ({ ...plan, steps: 1e6, until: 1e6 }));
    setTimeout(() => stop.abort(), 300);
    const outcomes = await runJob(bench, job, [], () => {}, stop.signal);
    expect(outcomes.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
  });
});
