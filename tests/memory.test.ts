import { expect, it } from 'vitest';
import { meanCrossEntropy, mlp } from '../src/nn/index.ts';
import { adamw, distributedShampoo, lbfgs, sam, sgd } from '../src/optim/index.ts';
import type { EngineName } from '../src/runtime/engine.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { defineTask } from '../src/tasks/index.ts';
import { train } from '../src/train/index.ts';

const size = 400;
const task = defineTask({
  id: 'memory',
  model: mlp([48, 64, 32, 4]),
  data: {
    x: { data: Float32Array.from({ length: size * 48 }, (_, i) => Math.sin(i)), shape: [48] },
    y: { data: Int32Array.from({ length: size }, (_, i) => i % 4) },
  },
  loss: (logits, { y }) => meanCrossEntropy(logits, y),
  batchSize: 64,
});

it.each<EngineName>(['auto', 'onnx', 'wasm'])('twenty runs leave no memory behind on %s', async (engine) => {
  const runtime = createRuntime({ engine, threads: 1 });
  // ONNX Runtime has no eigenvalues.
  const methods = [adamw(), sam(sgd()), lbfgs(), ...(engine === 'onnx' ? [] : [distributedShampoo({ refresh: 2 })])];
  const run = (i: number) =>
    train({ task, optimizer: methods[i % methods.length], runtime, steps: 4, evaluateEvery: 2, test: true });
  for (const i of methods.keys()) await run(i); // compiles; constants of programs stay
  const after = runtime.bytesInUse;
  for (let i = 0; i < 20; i++) await run(i);
  expect(runtime.bytesInUse).toBe(after);
  expect(after).toBeLessThan(1 << 16);
});
