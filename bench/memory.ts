import { meanCrossEntropy, mlp } from '../src/nn/index.ts';
import { adamw } from '../src/optim/index.ts';
import { createRuntime, type Runtime } from '../src/runtime/runtime.ts';
import { defineTask } from '../src/tasks/index.ts';
import { train } from '../src/train/index.ts';
import { numbers } from './workloads/random.ts';

// Runs in a process of its own, so that its memory is the run's alone. Prints one JSON line.

const sizes = [784, 4096, 4096, 10];
const [batch, examples] = [512, 1024];

/** Trains an MLP of these sizes on random data. */
async function run(widths: readonly number[], runtime: Runtime, onStep: () => void): Promise<void> {
  const task = defineTask({
    id: 'memory',
    model: mlp(widths),
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
    data: {
      x: { data: numbers(examples * widths[0], 1), shape: [widths[0]] },
      y: { data: Int32Array.from({ length: examples }, (_, i) => i % 10) },
    },
    batchSize: batch,
  });
  await train({ task, optimizer: adamw(), runtime, steps: 12, hooks: { onStep } });
}

// A small run first: what the engines themselves take is not the run's.
const runtime = createRuntime();
await run([784, 64, 10], runtime, () => {});
const before = process.memoryUsage.rss();
let peak = 0;
await run(sizes, runtime, () => {
  peak = Math.max(peak, process.memoryUsage.rss());
});
const weights = sizes.slice(1).reduce((sum, n, i) => sum + n * (sizes[i] + 1), 0);
// Pre-activations and activations of every layer, as the backward pass needs them.
const activations = batch * sizes.slice(1).reduce((sum, n) => sum + 2 * n, 0);
const needed = 4 * (4 * weights + batch * (sizes[0] + 1) + activations);
process.stdout.write(`${JSON.stringify({ needed, used: peak - before, engines: before })}\n`);
