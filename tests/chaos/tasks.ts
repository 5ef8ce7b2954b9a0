/** A race module: small tasks whose trainings are real, and slow enough to be killed in the middle; and some that misbehave. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrayDataset } from '../../src/data/array-dataset.ts';
import type { Dataset, Splits } from '../../src/data/dataset.ts';
import { split } from '../../src/data/split.ts';
import { activation, batchNormalization, dense, dropoutLayer, sequential } from '../../src/nn/index.ts';
import { errorRate, meanCrossEntropy, meanSquaredError } from '../../src/nn/losses.ts';
import { fillRandom } from '../../src/runtime/random.ts';
import { defineTask } from '../../src/tasks/define.ts';
import type { Task } from '../../src/tasks/task.ts';

const size = 256;
const batchSize = 8;
/** Fields of a minibatch, each of which is read. */
const fields = 2;

const wait = new Int32Array(new SharedArrayBuffer(4));
const sleep = (milliseconds: number): void => void Atomics.wait(wait, 0, 0, milliseconds);

/** The data of a task; something happens before each step of a training. */
function beforeSteps(data: Dataset, happens: (step: number) => void): Splits {
  const { train, validation, test } = split(data);
  let reads = 0;
  return {
    train: {
      ...train,
      read(indices, field, target) {
        if (reads++ % fields === 0) happens(reads / fields);
        train.read(indices, field, target);
      },
    },
    validation,
    test,
  };
}

const points = (): Float32Array => {
  const x = new Float32Array(size * 2);
  fillRandom(x, 'normal', { seed: 3, stream: 'points', step: 0 });
  return x;
};

/** Two classes in the plane, and a network with everything that is random or not trained. */
const network = (id: string, steps: number, happens: (step: number) => void): Task => {
  const x = points();
  const y = Int32Array.from({ length: size }, (_, i) => Number(x[2 * i] * x[2 * i + 1] > 0));
  return defineTask({
    id,
    model: sequential({
      fc1: dense(2, 16),
      norm: batchNormalization(16),
      act: activation('relu'),
      drop: dropoutLayer(0.2),
      fc2: dense(16, 2, { role: 'head' }),
    }),
    data: async () => beforeSteps(arrayDataset({ x: { data: x, shape: [2] }, y: { data: y } }), happens),
    loss: (logits, batch) => meanCrossEntropy(logits, batch.y),
    metrics: (logits, batch) => ({ error: errorRate(logits, batch.y) }),
    batchSize,
    steps,
    target: { metric: 'error', value: 0.2 },
  });
};

/** A line through noisy points: a quadratic whose gradients are noisy. */
const line = (id: string, steps: number, happens: (step: number) => void): Task => {
  const x = points();
  const noise = new Float32Array(size);
  fillRandom(noise, 'normal', { seed: 3, stream: 'noise', step: 0 });
  const y = noise.map((value, i) => 3 * x[2 * i] - 2 * x[2 * i + 1] + 0.3 * value);
  return defineTask({
    id,
    model: dense(2, 1),
    data: async () => beforeSteps(arrayDataset({ x: { data: x, shape: [2] }, y: { data: y, shape: [1] } }), happens),
    loss: (output, batch) => meanSquaredError(output, batch.y),
    batchSize,
    steps,
    target: { metric: 'loss', value: 0.2 },
  });
};

export const slowNetwork = network('slow-network', 240, () => sleep(2));
export const slowLine = line('slow-line', 160, () => sleep(2));

/** Steps of one process after which a task misbehaves. The identity of a run reads examples once, too. */
const misbehavesAt = 60;

/** Its process dies in every attempt. */
export const crashing = line('crashing', 200, (step) => {
  sleep(2);
  if (step > misbehavesAt) process.abort();
});

/** Its process stops answering in every attempt. */
export const hanging = line('hanging', 200, (step) => {
  if (step > misbehavesAt) sleep(Number.POSITIVE_INFINITY);
});

/** The first process to get there stops answering; the folder remembers that. */
export const hangingOnce = line('hanging-once', 200, (step) => {
  const folder = process.env.THALWEG_CHAOS_FOLDER;
  if (step <= misbehavesAt || folder === undefined) return;
  const mark = join(folder, 'hung');
  if (existsSync(mark)) return;
  writeFileSync(mark, '');
  sleep(Number.POSITIVE_INFINITY);
});

const hoard: Uint8Array[] = [];

/** It takes four mebibytes at every step and gives none back. */
export const leaking = line('leaking', 2000, (step) => {
  sleep(5);
  if (step > misbehavesAt) hoard.push(new Uint8Array(2 ** 22).fill(1));
});
