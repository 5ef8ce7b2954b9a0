import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
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

/** All that does not depend on a clock. */
const numbersOf = ({ status, error, steps, validation, trainLoss, test: at, cost, targetReached }: Outcome) => ({
  status,
  error,
  steps,
  losses: validation.map(({ step, loss, metrics }) => ({ step, loss, metrics })),
  trainLoss,
  test: at && [at.loss, at.metrics],
  calls: cost.calls,
  reached: targetReached?.step,
});

/** Outcomes of one program, against those of the same trials alone. */
function expectTogether(together: readonly Outcome[], each: readonly Outcome[]): void {
  for (const [i, outcome] of together.entries()) {
    const { status, steps, cost, validation, trainLoss, test: at, targetReached } = outcome;
    expect([status, steps]).toEqual(['finished', 24]);
    expect(cost.calls).toEqual(each[i].cost.calls);
    expect(cost.stateBytesPerParameter).toBe(each[i].cost.stateBytesPerParameter);
    expect(validation.map(({ step }) => step)).toEqual([8, 16, 24]);
    expect(targetReached?.step).toBe(each[i].targetReached?.step);
    for (const [k, { loss }] of each[i].validation.entries()) expect(validation[k].loss).toBeCloseTo(loss, 4);
    expect(trainLoss.map(({ step }) => step)).toEqual(each[i].trainLoss.map(({ step }) => step));
    for (const [k, { loss }] of each[i].trainLoss.entries()) expect(trainLoss[k].loss).toBeCloseTo(loss, 4);
    expect(at === undefined).toBe(each[i].test === undefined);
    if (at) expect(at.loss).toBeCloseTo(each[i].test?.loss as number, 4);
  }
  // Equal shares: it was one program.
  expect(new Set(together.map(({ seconds }) => seconds)).size).toBe(1);
  expect(new Set(each.map(({ seconds }) => seconds)).size).toBe(3);
}

describe('the trials of a batch', () => {
  test('run as one program, and come to what each comes to alone, up to rounding', async () => {
    const job = trials('adamw', [{ lr: 0.01 }, { lr: 0.003, weightDecay: 0.1 }, { lr: 0.03 }]);
    expectTogether(await run(job), await alone(job));
  });

  test('have seeds of their own, and are tested at the end, where their plans say so', async () => {
    const same = { lr: 0.01, weightDecay: 0.1 };
    const job = trials('adamw', [same, same, same]).map((plan, i) => ({ ...plan, seed: 4 + i, test: true }));
    expectTogether(await run(job), await alone(job));
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
    ['others go on from one', trials('sgd', [{ lr: 0.1 }, { lr: 0.2 }]).map((plan) => ({ ...plan, keep: true }))],
    ['a value is not legal', trials('sgd', [{ lr: 0.1 }, { lr: -1 }])],
  ])('run one after another where %s', async (_, job) => {
    const [together, each] = [await run(job), await alone(job)];
    expect(together.map(numbersOf)).toEqual(each.map(numbersOf));
  });

  test('that are interrupted have no result', async () => {
    const stop = new AbortController();
    const job = trials('sgd', [{ lr: 0.1 }, { lr: 0.2 }]).map((plan) => ({ ...plan, steps: 1e6, until: 1e6 }));
    setTimeout(() => stop.abort(), 300);
    const outcomes = await runJob(bench, job, [], () => {}, stop.signal);
    expect(outcomes.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
  });
});

describe('the checkpoints of a batch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'thalweg-batch-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A bench whose task aborts while the data of some step is read. */
  function disturbed(folders: CheckpointFolders, stop?: AbortController): Bench & { readonly warned: string[] } {
    const noisy = noisyTask();
    const data = async () => {
      const splits = await noisy.data();
      if (!splits) throw new Error('the task has data');
      let reads = 0;
      const read: typeof splits.train.read = (...examples) => {
        // Two fields for the identity of the run, and two at each step.
        if (reads++ === 16) stop?.abort();
        splits.train.read(...examples);
      };
      return { ...splits, train: { ...splits.train, read } };
    };
    const warned: string[] = [];
    const cast = castOf({ tasks: { noisy: { ...noisy, data } } });
    return { ...bench, cast, folders, checkpointSeconds: 0, warn: (text) => warned.push(text), warned };
  }

  const job = trials('adamw', [{ lr: 0.01 }, { lr: 0.003 }, { lr: 1e30 }]).map((plan, i) => ({ ...plan, seed: i % 2 }));

  test('let it go on where it was, to the same numbers; the last one may be damaged', async () => {
    const folders = new CheckpointFolders(join(folder, 'a'));
    const whole = await run(job);
    const stop = new AbortController();
    const first = await runJob(disturbed(folders, stop), job, [], () => {}, stop.signal);
    expect(first.map(({ status }) => status)).toEqual(['interrupted', 'interrupted', 'diverged']);
    const [name] = readdirSync(folders.root);
    expect(join(folders.root, name)).toBe(folders.ofBatch(job));
    const step = await folders.stepsKept(job);
    expect(step).toBeGreaterThan(3);
    rmSync(join(folders.root, name, `step-${step}.safetensors`));
    const again = disturbed(folders);
    const second = await runJob(again, job, [], () => {}, never);
    expect(again.warned).toEqual([expect.stringMatching(/^noisy.adamw.tune.0 and 2 others: .*cannot be read/)]);
    expect(second.map(numbersOf)).toEqual(whole.map(numbersOf));
    await folders.forget(job);
    expect(readdirSync(folders.root)).toEqual([]);
  });

  test('are not those of other batches, nor of its trials alone', async () => {
    const folders = new CheckpointFolders(join(folder, 'b'));
    const stop = new AbortController();
    await runJob(disturbed(folders, stop), job, [], () => {}, stop.signal);
    const [one, , ...rest] = job;
    for (const other of [[...job].reverse(), [one, ...rest], [one]]) {
      expect(await folders.stepsKept(other)).toBe(0);
      const [found, wanted] = [await runJob(disturbed(folders), other, [], () => {}, never), await run(other)];
      expect(found.map(numbersOf)).toEqual(wanted.map(numbersOf));
    }
    // A job that goes on one by one is heard of, too.
    expect(await folders.stepsKept([rest[0], one])).toBe(await folders.stepsKept([one]));
  });
});
