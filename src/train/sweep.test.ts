import { describe, expect, test } from 'vitest';
import { batchNormalization, dense, dropoutLayer, meanCrossEntropy, mlp, sequential } from '../nn/index.ts';
import type { Model } from '../nn/model.ts';
import {
  adamw,
  distributedShampoo,
  gradientNoise,
  type Optimizer,
  psgdKron,
  scheduleFreeSgd,
  sgd,
  sophia,
  subspaceMomentum,
} from '../optim/index.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { defineTask, noisyQuadratic, rosenbrock, type Task } from '../tasks/index.ts';
import type { Arrays } from './options.ts';
import type { Seed } from './seed.ts';
import { sweep } from './sweep.ts';
import { train } from './train.ts';

const runtime = createRuntime({ threads: 1 });

const task = (model: Model) =>
  defineTask({
    id: 'sweep',
    model,
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
    labels: 'y',
    data: {
      x: { data: Float32Array.from({ length: 60 * 5 }, (_, i) => Math.sin(i * i)), shape: [5] },
      y: { data: Int32Array.from({ length: 60 }, (_, i) => (i * i) % 3) },
    },
    batchSize: 12,
    steps: 12,
  });

const plain = task(mlp([5, 7, 3]));
const withState = task(
  sequential({ a: dense(5, 6), norm: batchNormalization(6), drop: dropoutLayer(0.3), b: dense(6, 3) }),
);

const expectAlike = (found: Arrays, wanted: Arrays): void => {
  expect(Object.keys(found)).toEqual(Object.keys(wanted));
  for (const [name, { shape, data }] of Object.entries(wanted)) {
    expect(found[name].shape).toEqual(shape);
    for (const [k, value] of data.entries()) expect(found[name].data[k]).toBeCloseTo(value, 3);
  }
};

/** A sweep with two evaluations and a test, against `train` on each of its settings. */
async function expectWhatTrainTrains(
  one: Task,
  optimizer: Optimizer,
  settings: readonly Record<string, number>[],
  seed: Seed = 0,
): Promise<void> {
  const given = { task: one, steps: 12, evaluateEvery: 6, test: true, runtime };
  const trials = await sweep({ ...given, optimizer, settings, seed });
  for (const [i, setting] of settings.entries()) {
    const { values, seed: own, ...found } = trials[i];
    expect(own).toBe(typeof seed === 'number' ? seed : seed[i]);
    expect(values).toEqual({ ...optimizer.values, ...setting });
    const wanted = await train({ ...given, optimizer: optimizer.with(values), seed: own });
    expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
    expect([found.status, found.steps, found.cost.calls]).toEqual(['finished', 12, wanted.cost.calls]);
    expect(found.cost.stateBytesPerParameter).toBe(wanted.cost.stateBytesPerParameter);
    for (const curve of ['trainLoss', 'validation'] as const) {
      expect(found[curve].map(({ step }) => step)).toEqual(wanted[curve].map(({ step }) => step));
      for (const [k, { loss }] of wanted[curve].entries()) expect(found[curve][k].loss).toBeCloseTo(loss, 4);
    }
    expect(found.test?.loss).toBeCloseTo(wanted.test?.loss as number, 4);
    expectAlike(found.parameters, wanted.parameters);
    expectAlike(found.buffers, wanted.buffers);
  }
  expect(trials[0].trainLoss).not.toEqual(trials[1].trainLoss);
}

describe('sweep', () => {
  test.each<[string, Task, Optimizer, Record<string, number>[]]>([
    ['sgd', plain, sgd(), [{ lr: 0.1 }, { lr: 0.5 }, { lr: 0.02 }]],
    ['adamw, two numbers', plain, adamw(), [{ lr: 0.01 }, { lr: 0.03, weightDecay: 0.5 }]],
    ['an evaluation point of its own', plain, scheduleFreeSgd(), [{ lr: 0.5 }, { lr: 0.1 }]],
    ['phases and eigenvalues', plain, distributedShampoo({ refresh: 5, eps: 1e-6 }), [{ lr: 0.01 }, { lr: 0.02 }]],
    ['running statistics and dropout', withState, sgd({ momentum: 0.9 }), [{ lr: 0.05 }, { lr: 0.2 }]],
  ])('trains what train() trains: %s', async (_, one, optimizer, settings) => {
    await expectWhatTrainTrains(one, optimizer, settings);
  });

  test.each<[string, Task, Optimizer]>([
    ['initial parameters and minibatches', plain, adamw({ lr: 0.01 })],
    ['running statistics and dropout', withState, sgd({ momentum: 0.9, lr: 0.05 })],
    ['noise of the task', noisyQuadratic({ dimension: 20 }), sgd({ lr: 0.1 })],
    ['noise of a wrapper', plain, gradientNoise(sgd({ lr: 0.1 }), { noiseVariance: 0.1 })],
    ['labels drawn from the model', plain, sophia({ lr: 0.01, period: 5 })],
    ['a random initial state', plain, psgdKron({ lr: 0.01 })],
    ['a random subspace', plain, subspaceMomentum({ lr: 0.01, selector: 'random', gap: 5 })],
  ])('trains what train() trains on each of several seeds: %s', async (_, one, optimizer) => {
    await expectWhatTrainTrains(one, optimizer, [{}, { lr: 0.02 }, {}], [3, 3, 8]);
  });

  test('begins in memory that grows meanwhile', async () => {
    const fresh = createRuntime({ engine: 'wasm', threads: 1 });
    const given = { task: task(mlp([5, 20000, 3])), optimizer: sgd(), settings: Array(8).fill({ lr: 0.1 }), steps: 1 };
    const trials = await sweep({ ...given, runtime: fresh });
    expect(trials.map(({ status }) => status)).toEqual(Array(8).fill('finished'));
  });

  test('a trial that diverges ends alone', async () => {
    const settings = [{ lr: 1e-3 }, { lr: 10 }];
    const [good, bad] = await sweep({ task: rosenbrock(), optimizer: sgd(), settings, steps: 50, runtime });
    expect([good.status, good.steps, good.validation.length]).toEqual(['finished', 50, 1]);
    expect([bad.status, bad.validation.length]).toEqual(['diverged', 0]);
    expect(bad.steps).toBeLessThan(50);
    expect(bad.cost.calls.gradient).toBe(bad.steps);
    expect(bad.trainLoss.findIndex(({ loss }) => !Number.isFinite(loss))).toBe(bad.steps - 1);
  });

  test('is over when all trials have diverged', async () => {
    const steps: number[] = [];
    const given = { task: rosenbrock(), optimizer: sgd(), settings: [{ lr: 20 }, { lr: 10 }], runtime };
    const trials = await sweep({ ...given, steps: 50, onStep: (step) => steps.push(step) });
    expect(trials.map(({ status }) => status)).toEqual(['diverged', 'diverged']);
    expect(steps.at(-1)).toBeLessThan(Math.max(...trials.map((trial) => trial.steps)));
  });

  test('refuses no settings, illegal numbers, what shapes the program, and another number of seeds', async () => {
    const given = { task: rosenbrock(), optimizer: sgd(), runtime };
    await expect(sweep({ ...given, settings: [] })).rejects.toThrow('settings are empty');
    await expect(sweep({ ...given, settings: [{ lr: -1 }] })).rejects.toThrow('lr is -1');
    const settings = [{ momentum: 0 }, { momentum: 0.9 }];
    await expect(sweep({ ...given, settings })).rejects.toThrow('momentum is 0 and 0.9, and shapes the program');
    const two = [{ lr: 0.1 }, { lr: 0.2 }];
    await expect(sweep({ ...given, settings: two, seed: [1] })).rejects.toThrow('1 seeds for 2 settings');
    await expect(sweep({ ...given, settings: two, seed: [1, -1] })).rejects.toThrow('sweep: seed is -1');
    await expect(sweep({ ...given, settings: two, until: 0 })).rejects.toThrow('sweep: until is 0');
  });

  test('an interruption keeps what was done', async () => {
    const stop = new AbortController();
    const settings = [{ lr: 1e-4 }, { lr: 2e-4 }];
    const given = { task: rosenbrock(), optimizer: sgd(), settings, steps: 400, runtime };
    const onStep = (step: number) => step === 7 && stop.abort();
    for (const trial of await sweep({ ...given, onStep, signal: stop.signal })) {
      expect([trial.status, trial.steps, trial.trainLoss.length]).toEqual(['interrupted', 7, 7]);
    }
  });
});
