// Trains a small model with everything that a resumed run must get right: data order, dropout masks, running statistics, momenta,
// a wrapper with phases. Run by resume.test.ts, which kills it. Arguments: checkpoint folder, engine, milliseconds to linger per step.
import { accumulate, adamw, emaWeights } from '../src/optim/index.ts';
import type { EngineName } from '../src/runtime/engine.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { train } from '../src/train/index.ts';
import { noisyTask } from './noisy-task.ts';

const [directory, engine, linger] = process.argv.slice(2);
const wait = new Int32Array(new SharedArrayBuffer(4));
await train({
  task: noisyTask(),
  optimizer: emaWeights(accumulate(adamw({ lr: 0.01 }), { microBatches: 2 }), { emaDecay: 0.9 }),
  seed: 7,
  steps: 60,
  evaluateEvery: 20,
  runtime: createRuntime({ engine: engine as EngineName, threads: 1 }),
  checkpoint: { directory, every: 3 },
  hooks: {
    onStep: ({ step }) => {
      process.stdout.write(`${step}\n`);
      Atomics.wait(wait, 0, 0, Number(linger));
    },
  },
});
