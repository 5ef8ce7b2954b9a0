import { describe, expect, test } from 'vitest';
import { noisyTask } from '../../../tests/noisy-task.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { madeUpPlan, madeUpTask, trialPlan } from '../../testing/race.ts';
import { evaluateUntrained } from '../../train/evaluate-untrained.ts';
import { castOf } from '../cast.ts';
import type { Outcome, TrialPlan } from '../plan.ts';
import { CheckpointFolders } from './checkpoint-folders.ts';
import { type Bench, runTrial } from './trial.ts';

// Every evaluation meets the target.
const task = madeUpTask('noisy', { steps: 24, batchSize: 32, target: { metric: 'error', value: 1 } });
const bench: Bench = {
  plan: madeUpPlan({ tasks: [task], competitors: ['adamw'] }),
  cast: castOf({ tasks: { noisy: noisyTask() } }),
  runtime: createRuntime({ engine: 'wasm', threads: 1 }),
  folders: new CheckpointFolders('memory:trial-test'),
  checkpointSeconds: 10,
  warn: () => {},
};

const run = (plan: TrialPlan, ancestors: readonly TrialPlan[] = []): Promise<Outcome> =>
  runTrial(bench, plan, ancestors, () => {}, new AbortController().signal);

describe('the evaluation before the first step', () => {
  const plain: TrialPlan = { ...trialPlan('adamw', 'tune', 0, 0.01, task), evaluateEvery: 8 };
  const asked: TrialPlan = { ...plain, id: 'asked', evaluateStart: true };
  const start = evaluateUntrained({ task: bench.cast.task('noisy'), seed: plain.seed, runtime: bench.runtime });

  test('is there for those that ask for it, changes no other number, and meets no target', async () => {
    const [without, outcome] = [await run(plain), await run(asked)];
    expect(without.start).toBeUndefined();
    expect(outcome.start).toEqual(await start);
    expect(outcome.validation.map(({ step, loss }) => [step, loss])).toEqual(
      without.validation.map(({ step, loss }) => [step, loss]),
    );
    expect(outcome.validation[0].step).toBe(8);
    expect(outcome.targetReached?.step).toBe(8);
  });

  test('is that of the untrained model also where a trial goes on from the end of another', async () => {
    const first: TrialPlan = { ...asked, id: 'first', until: 8, keep: true };
    const second: TrialPlan = { ...asked, id: 'second', from: 'first' };
    await run(first);
    const outcome = await run(second, [first]);
    expect(outcome.status).toBe('finished');
    expect(outcome.start).toEqual(await start);
  });
});
