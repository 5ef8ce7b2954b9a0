import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noisyTask } from '../../tests/noisy-task.ts';
import { adamw, emaWeights, lbfgs, sgd } from '../optim/index.ts';
import { type AnyOptimizer, getOptimizer } from '../optim/registry.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { DamagedCheckpointError, type TrainOptions, type TrainResult, train } from './index.ts';

const runtime = createRuntime({ engine: 'wasm', threads: 1 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thalweg-continue-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const steps = 24;
const go = (optimizer: AnyOptimizer, options: Partial<TrainOptions>) =>
  train({ task: noisyTask(), optimizer, seed: 5, steps, evaluateEvery: 6, runtime, ...options });

/** All that does not depend on a clock. */
const numbersOf = ({ status, steps: done, trainLoss, validation, test, cost, parameters, buffers }: TrainResult) => ({
  status,
  done,
  trainLoss,
  validation: validation.map(({ step, loss, metrics }) => ({ step, loss, metrics })),
  test: test && [test.loss, test.metrics],
  calls: cost.calls,
  parameters,
  buffers,
});

const methods: [string, (lr: number) => AnyOptimizer][] = [
  ['adamw under a schedule', (lr) => getOptimizer('linear(adamw)', { lr, warmup: 0.25 })],
  ['averaged weights', (lr) => emaWeights(sgd({ lr, momentum: 0.9 }), { emaDecay: 0.9 })],
  ['lbfgs, a host loop', (lr) => lbfgs({ lr })],
];

describe.each(methods)('%s', (_, method) => {
  it('until a step is the run that goes further, up to there', async () => {
    const whole = await go(method(0.01), {});
    const part = await go(method(0.01), { until: 12 });
    expect([part.status, part.steps]).toEqual(['finished', 12]);
    expect(numbersOf(part).validation).toEqual(numbersOf(whole).validation.slice(0, 2));
    expect(part.trainLoss).toEqual(whole.trainLoss.slice(0, 12));
  });

  it('from the end of a part is bit-identical to the whole, whatever the rungs; in memory too', async () => {
    const whole = await go(method(0.01), { test: true });
    const places = { a: join(folder, 'a'), b: `memory:${folder}/b`, c: join(folder, 'c') };
    await go(method(0.01), { until: 6, checkpoint: { directory: places.a } });
    await go(method(0.01), { until: 18, checkpoint: { directory: places.b, from: places.a } });
    const end = await go(method(0.01), { test: true, checkpoint: { directory: places.c, from: places.b } });
    expect(numbersOf(end)).toEqual(numbersOf(whole));
  });

  it('from the end of a run with other values goes on with its own', async () => {
    const directory = join(folder, 'a');
    await go(method(0.01), { until: 12, checkpoint: { directory } });
    const other = await go(method(0.003), { checkpoint: { directory: join(folder, 'b'), from: directory } });
    const [whole, alone] = [await go(method(0.01), {}), await go(method(0.003), {})];
    expect(other.trainLoss.slice(0, 12)).toEqual(whole.trainLoss.slice(0, 12));
    expect(other.trainLoss.slice(13)).not.toEqual(whole.trainLoss.slice(13));
    expect(other.trainLoss.slice(13)).not.toEqual(alone.trainLoss.slice(13));
  });
});

describe('a run that goes on from another', () => {
  const parent = () => join(folder, 'parent');
  const child = () => join(folder, 'child');
  const method = adamw({ lr: 0.01 });

  it('prefers a checkpoint of its own', async () => {
    const whole = await go(method, {});
    await go(method, { until: 6, checkpoint: { directory: parent() } });
    await go(method, { until: 12, checkpoint: { directory: child(), from: parent() } });
    await rm(parent(), { recursive: true });
    const end = await go(method, { checkpoint: { directory: child(), from: parent() } });
    expect(numbersOf(end)).toEqual(numbersOf(whole));
  });

  it('refuses what is not there, is damaged, is another run, or is past its end', async () => {
    const from = (options: Partial<TrainOptions> = {}, optimizer: AnyOptimizer = method) =>
      go(optimizer, { checkpoint: { directory: child(), from: parent() }, ...options });
    await expect(from()).rejects.toThrow(/no checkpoint in .*parent to begin from/);
    await go(method, { until: 12, checkpoint: { directory: parent() } });
    await expect(from({ seed: 6 })).rejects.toThrow(/its seed is 5, here it is 6/);
    await expect(from({ steps: 48 })).rejects.toThrow(/its steps is 24, here it is 48/);
    await expect(from({}, sgd())).rejects.toThrow(/its optimizer is "adamw", here it is "sgd"/);
    await expect(from({ until: 6 })).rejects.toThrow(/parent is at step 12, and this run ends after 6/);
    await truncate(join(parent(), 'step-12.safetensors'), 30);
    await expect(from()).rejects.toThrow(DamagedCheckpointError);
  });

  it('refuses values that need another state', async () => {
    await go(sgd({ lr: 0.01, momentum: 0 }), { until: 12, checkpoint: { directory: parent() } });
    const heavy = go(sgd({ lr: 0.01, momentum: 0.9 }), { checkpoint: { directory: child(), from: parent() } });
    await expect(heavy).rejects.toThrow(/the checkpoint lacks 'state/);
  });
});

describe('checkpoints of a run', () => {
  const method = adamw({ lr: 0.01 });

  it('come by steps, by seconds, and at the end unless that is not wanted', async () => {
    const files = async (checkpoint: Omit<NonNullable<TrainOptions['checkpoint']>, 'directory'>) => {
      const directory = await mkdtemp(join(folder, 'x-'));
      await go(method, { checkpoint: { ...checkpoint, directory } });
      return (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
    };
    expect(await files({ every: 10 })).toEqual(['step-20.json', 'step-24.json']);
    expect(await files({ every: 10, atEnd: false })).toEqual(['step-10.json', 'step-20.json']);
    expect(await files({ seconds: 0, atEnd: false })).toEqual(['step-22.json', 'step-23.json']);
    expect(await files({ seconds: 3600 })).toEqual(['step-24.json']);
    await expect(files({ seconds: -1 })).rejects.toThrow(/checkpoint.seconds is -1/);
    await expect(go(method, { until: 25 })).rejects.toThrow(/until is 25, but the run has 24 steps/);
  });

  it('that are damaged are reported, and the run goes on from the one before to the same end', async () => {
    const whole = await go(method, {});
    const directory = folder;
    await go(method, { until: 12, checkpoint: { directory, every: 5 } });
    await writeFile(join(directory, 'step-12.json'), '{"half');
    await expect(go(method, { checkpoint: { directory } })).rejects.toThrow(DamagedCheckpointError);
    const told: Error[] = [];
    const resumed: number[] = [];
    const end = await go(method, {
      checkpoint: { directory, onProblem: (error) => told.push(error) },
      hooks: { onStep: ({ step }) => resumed.push(step) },
    });
    expect(told).toEqual([expect.any(DamagedCheckpointError)]);
    expect(resumed[0]).toBe(11);
    expect(numbersOf(end)).toEqual(numbersOf(whole));
  });

  it.runIf(process.platform === 'linux')('that cannot be written end the run, or are reported', async () => {
    // Nobody can make a folder there, root neither.
    const directory = '/proc/thalweg';
    await expect(go(method, { checkpoint: { directory, every: 10 } })).rejects.toThrow(/cannot make the folder/);
    const told: Error[] = [];
    const end = await go(method, { checkpoint: { directory, every: 10, onProblem: (error) => told.push(error) } });
    expect(told).toHaveLength(3);
    expect(numbersOf(end)).toEqual(numbersOf(await go(method, {})));
  });
});
