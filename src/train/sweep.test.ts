import { describe, expect, test } from 'vitest';
import { batchNormalization, dense, dropoutLayer, meanCrossEntropy, mlp, sequential } from '../nn/index.ts';
import type { Model } from '../nn/model.ts';
import { adamw, distributedShampoo, type Optimizer, scheduleFreeSgd, sgd } from '../optim/index.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { defineTask, rosenbrock } from '../tasks/index.ts';
import { sweep } from './sweep.ts';
import { train } from './train.ts';

const runtime = createRuntime({ threads: 1 });

const task = (model: Model) =>
  defineTask({
    id: 'sweep',
    model,
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
    data: {
      x: { data: Float32Array.from({ length: 60 * 5 }, (_, i) => Math.sin(i * i)), shape: [5] },
      y: { data: Int32Array.from({ length: 60 }, (_, i) => (i * i) % 3) },
    },
    batchSize: 12,
    steps: 12,
  });

const plain = mlp([5, 7, 3]);
const withState = sequential({ a: dense(5, 6), norm: batchNormalization(6), drop: dropoutLayer(0.3), b: dense(6, 3) });

describe('sweep', () => {
  test.each<[string, Model, Optimizer, Record<string, number>[]]>([
    ['sgd', plain, sgd(), [{ lr: 0.1 }, { lr: 0.5 }, { lr: 0.02 }]],
    ['adamw, two numbers', plain, adamw(), [{ lr: 0.01 }, { lr: 0.03, weightDecay: 0.5 }]],
    ['an evaluation point of its own', plain, scheduleFreeSgd(), [{ lr: 0.5 }, { lr: 0.1 }]],
    ['phases and eigenvalues', plain, distributedShampoo({ refresh: 5, eps: 1e-6 }), [{ lr: 0.01 }, { lr: 0.02 }]],
    ['running statistics and dropout', withState, sgd({ momentum: 0.9 }), [{ lr: 0.05 }, { lr: 0.2 }]],
  ])('trains what train() trains: %s', async (_, model, optimizer, settings) => {
    const one = task(model);
    const trials = await sweep({ task: one, optimizer, settings, evaluateEvery: 6, runtime });
    for (const [i, setting] of settings.entries()) {
      const alone = optimizer.with({ ...optimizer.values, ...setting });
      const wanted = await train({ task: one, optimizer: alone, evaluateEvery: 6, runtime });
      const { status, steps, values, trainLoss, validation, parameters } = trials[i];
      expect([status, steps, values]).toEqual(['finished', 12, alone.values]);
      for (const { step, loss } of wanted.trainLoss) expect(trainLoss[step - 1]).toBeCloseTo(loss, 4);
      expect(validation.map(({ step }) => step)).toEqual([6, 12]);
      for (const [k, { loss }] of wanted.validation.entries()) expect(validation[k].loss).toBeCloseTo(loss, 4);
      const flat = Object.values(wanted.parameters).flatMap(({ data }) => [...data]);
      expect(parameters.length).toBe(flat.length);
      for (const [k, value] of flat.entries()) expect(parameters[k]).toBeCloseTo(value, 3);
    }
    expect(trials[0].trainLoss).not.toEqual(trials[1].trainLoss);
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
    expect(bad.trainLoss.map(Number.isFinite).indexOf(false)).toBe(bad.steps - 1);
  });

  test('refuses no settings, illegal numbers, and what shapes the program', async () => {
    const given = { task: rosenbrock(), optimizer: sgd(), runtime };
    await expect(sweep({ ...given, settings: [] })).rejects.toThrow('settings are empty');
    await expect(sweep({ ...given, settings: [{ lr: -1 }] })).rejects.toThrow('lr is -1');
    const settings = [{ momentum: 0 }, { momentum: 0.9 }];
    await expect(sweep({ ...given, settings })).rejects.toThrow('momentum is 0 and 0.9, and shapes the program');
  });

  test('an interruption keeps what was done', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    const settings = [{ lr: 1e-4 }, { lr: 2e-4 }];
    const trials = await sweep({
      task: rosenbrock(),
      optimizer: sgd(),
      settings,
      steps: 1e9,
      runtime,
      signal: abort.signal,
    });
    for (const { status, steps, trainLoss } of trials) {
      expect(status).toBe('interrupted');
      expect(trainLoss.length).toBe(steps);
    }
  });
});
