// Trains for ten thousand steps and says what memory it holds on the way. Run by steady.test.ts, with --expose-gc and a young generation
// so large that nothing in it is collected unasked. Arguments: model, engine.
import { getHeapStatistics } from 'node:v8';
import { meanCrossEntropy, mlp } from '../src/nn/index.ts';
import { adamw } from '../src/optim/index.ts';
import type { EngineName } from '../src/runtime/engine.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { defineTask, type Task } from '../src/tasks/index.ts';
import { train } from '../src/train/index.ts';
import { noisyTask } from './noisy-task.ts';

/** What a run holds after a step, in bytes. */
export interface Held {
  readonly step: number;
  /** Tensors of the runtime. */
  readonly tensors: number;
  /** Reachable JavaScript objects. */
  readonly objects: number;
  /** Resident memory of the process. */
  readonly resident: number;
}

export interface SteadyReport {
  readonly held: readonly Held[];
  /** Bytes of JavaScript objects that one step makes, garbage or not. */
  readonly madeByStep: number;
}

/** A perceptron as large as `auto` parts it between the engines. */
function perceptron(): Task {
  const [size, width] = [512, 96];
  return defineTask({
    id: 'steady',
    model: mlp([width, 192, 10]),
    data: {
      x: { data: Float32Array.from({ length: size * width }, (_, i) => Math.sin(i)), shape: [width] },
      y: { data: Int32Array.from({ length: size }, (_, i) => i % 10) },
    },
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
    batchSize: 64,
  });
}

const collect = (): void => {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
};

const [model, engine, steps] = process.argv.slice(2);
const runtime = createRuntime({ engine: engine as EngineName, threads: 1 });
const held: Held[] = [];
const made: number[] = [];
const window = { from: 8000, to: 9000, steps: 10, start: 0 };
const last = Number(steps);
await train({
  task: model === 'noisy' ? noisyTask() : perceptron(),
  optimizer: adamw({ lr: 1e-4 }),
  seed: 1,
  steps: last,
  evaluateEvery: last,
  runtime,
  hooks: {
    onStep: ({ step }) => {
      if (step % 1000 === 0 || step === last) {
        collect();
        const { heapUsed, rss } = process.memoryUsage();
        held.push({ step, tensors: runtime.bytesInUse, objects: heapUsed, resident: rss });
      }
      if (step >= window.from && step < window.to && step % window.steps === 0) {
        const used = getHeapStatistics().used_heap_size;
        if (step > window.from) made.push((used - window.start) / window.steps);
        window.start = getHeapStatistics().used_heap_size;
      }
    },
  },
});
// The median: a collection in between makes a window look cheaper than it is.
const madeByStep = made.sort((a, b) => a - b)[made.length >> 1];
const report: SteadyReport = { held, madeByStep };
process.stdout.write(JSON.stringify(report));
