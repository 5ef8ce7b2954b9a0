import { describe, expect, test } from 'vitest';
import { adamw } from '../optim/methods.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { getTask } from '../tasks/registry.ts';
import { evaluateUntrained } from './evaluate-untrained.ts';
import { train } from './train.ts';

const runtime = createRuntime();

describe('the untrained model', () => {
  test('has the loss from which every run of its seed begins', async () => {
    const task = getTask('mnist-mlp');
    const [start, other] = [
      await evaluateUntrained({ task, seed: 3, runtime }),
      await evaluateUntrained({ task, seed: 4, runtime }),
    ];
    // A run that hardly moves ends where it began.
    const still = await train({ task, optimizer: adamw({ lr: 1e-12 }), seed: 3, steps: 1, runtime });
    expect(start.step).toBe(0);
    expect(Math.abs(start.loss - still.validation[0].loss)).toBeLessThan(1e-6);
    expect(start.metrics.error).toBe(still.validation[0].metrics.error);
    expect(other.loss).not.toBe(start.loss);
  });

  test('of a task without data is the function at its beginning', async () => {
    const task = getTask('rosenbrock');
    const { loss } = await evaluateUntrained({ task, runtime });
    const { trainLoss } = await train({ task, optimizer: adamw({ lr: 1e-3 }), steps: 1, runtime });
    expect(loss).toBe(trainLoss[0].loss);
  });
});
