import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noisyTask } from '../../tests/noisy-task.ts';
import { arrayDataset } from '../data/index.ts';
import { batchNormalization, dense, meanCrossEntropy, meanSquaredError, mlp, sequential } from '../nn/index.ts';
import { adamw, sam, sgd } from '../optim/index.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { defineTask, type Task } from '../tasks/index.ts';
import { CheckpointError, predict, train } from './index.ts';

const runtime = createRuntime({ engine: 'wasm' });
const task = (changes: Partial<Task> = {}): Task => ({ ...noisyTask(), ...changes });
const run = (changes: Partial<Task> = {}, steps = 3) =>
  train({ task: task(changes), optimizer: sgd({ lr: 0.1 }), steps, runtime });

describe('train', () => {
  it('ends a run whose loss is not finite as diverged, at its step', async () => {
    const { status, steps } = await train({ task: task(), optimizer: sgd({ lr: 1e30 }), steps: 50, runtime });
    expect(status).toBe('diverged');
    expect(steps).toBeLessThan(50);
  });

  it('stops between two steps when it is asked to', async () => {
    const stop = new AbortController();
    const hooks = { onStep: ({ step }: { step: number }) => step === 5 && stop.abort() };
    const result = await train({ task: task(), optimizer: sgd(), steps: 50, runtime, hooks, signal: stop.signal });
    expect(result).toMatchObject({ status: 'interrupted', steps: 5 });
  });

  it('counts oracle calls and state as they were', async () => {
    const { cost } = await train({ task: task(), optimizer: sam(adamw()), steps: 4, runtime });
    expect(cost.calls).toMatchObject({ gradient: 8, loss: 0 });
    expect(cost.stateBytesPerParameter).toBe(8);
  });

  it('names what is wrong with a task or an optimizer', async () => {
    await expect(run({ loss: ({ batch }) => batch.x })).rejects.toThrow(
      /task 'noisy': the loss must be a float scalar/,
    );
    await expect(run({ loss: () => undefined as never })).rejects.toThrow(/must be a float scalar.*not undefined/);
    await expect(run({ metrics: ({ batch }) => ({ error: batch.x }) })).rejects.toThrow(/metric 'error' must be/);
    await expect(run({ target: { metric: 'eror', value: 0 } })).rejects.toThrow(/'eror', which is none of loss, error/);
    await expect(run({}, 1.5)).rejects.toThrow(/steps is 1.5/);
    await expect(train({ task: task(), optimizer: adamw as never })).rejects.toThrow(/factory: call it/);
    await expect(train({ task: task(), optimizer: undefined as never })).rejects.toThrow(/must be a configured method/);
    expect(() => sam(sgd as never)).toThrow(/factory: call it/);
    expect(() => sgd(0.1 as never)).toThrow(/given by name/);
    expect(() => arrayDataset({ x: { data: new Int16Array(2) as never } })).toThrow(/'x' is Int16Array; it must be/);
  });

  it.each(['reference', 'wasm', 'onnx', 'auto'] as const)(
    'refuses labels outside the classes on %s',
    async (engine) => {
      for (const wrong of [2, -1]) {
        const labels = Int32Array.from({ length: 40 }, (_, i) => (i === 7 ? wrong : i % 2));
        const model = mlp([2, 8, 2]);
        const bad = defineTask({
          id: 'bad-labels',
          model,
          data: { x: { data: new Float32Array(80), shape: [2] }, y: { data: labels } },
          loss: (logits, { y }) => meanCrossEntropy(logits, y),
          batchSize: 32,
        });
        const of = createRuntime({ engine, threads: 1 });
        await expect(train({ task: bad, optimizer: sgd(), steps: 4, runtime: of })).rejects.toThrow(/ind(ex|ices)/i);
      }
    },
  );

  it('refuses to go on from a checkpoint of another model, loss or data', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'thalweg-train-'));
    const go = (subject: Task) =>
      train({ task: subject, optimizer: sgd(), steps: 4, runtime, checkpoint: { directory, every: 2 } });
    try {
      await go(task());
      await expect(go(task())).resolves.toMatchObject({ status: 'finished', steps: 4 });
      const { loss } = task();
      await expect(go(task({ loss: (input) => loss(input).mul(2) }))).rejects.toThrow(/its loss is/);
      const scaled = async () => {
        const splits = await task().data();
        if (!splits) throw new Error('there is data');
        const { train: examples } = splits;
        const read: typeof examples.read = (indices, field, target) => {
          examples.read(indices, field, target);
          if (field === 'x') target[0] *= 5;
        };
        return { ...splits, train: { ...examples, read } };
      };
      await expect(go(task({ data: scaled }))).rejects.toThrow(/its data is/);
      await writeFile(join(directory, 'step-4.json'), '{"half');
      await expect(go(task())).rejects.toThrow(CheckpointError);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('predict', () => {
  it('gives what the trained model answers, running statistics included', async () => {
    const n = 600;
    const x = Float32Array.from({ length: n }, (_, i) => 10 + (i % 13));
    const y = x.map((value) => 3 * value - 20);
    const model = sequential({ norm: batchNormalization(1), fc: dense(1, 1) });
    const line = defineTask({
      id: 'line',
      model,
      data: { x: { data: x, shape: [1] }, y: { data: y, shape: [1] } },
      loss: (output, batch) => meanSquaredError(output, batch.y),
    });
    const result = await train({ task: line, optimizer: adamw({ lr: 0.3, weightDecay: 0 }), steps: 400, runtime });
    expect(Object.keys(result.buffers)).toEqual(['norm.mean', 'norm.variance']);
    const { shape, data } = await predict({ model, result, x: { data: x, shape: [1] }, runtime });
    expect(shape).toEqual([n, 1]);
    const worst = Math.max(...data.map((value, i) => Math.abs(value - y[i])));
    expect(worst).toBeLessThan(2); // of values from 10 to 46
  });
});
