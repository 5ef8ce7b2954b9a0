import { meanCrossEntropy, mlp } from '../../src/nn/index.ts';
import { sgd } from '../../src/optim/index.ts';
import { createRuntime } from '../../src/runtime/runtime.ts';
import { defineTask } from '../../src/tasks/index.ts';
import { sweep, train } from '../../src/train/index.ts';
import { numbers } from '../workloads/random.ts';
import { steps, type Ways } from './sweep-plan.ts';

const [examples, features, classes] = [4000, 64, 10];

/** The class of an example: the largest of its first numbers, so that there is something to learn. */
function largest(x: Float32Array, example: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) {
    if (x[example * features + k] > x[example * features + best]) best = k;
  }
  return best;
}

/** Whole trials as a user runs them: minibatches, history, and one evaluation at the end. Answers the validation losses. */
export function trialWays(): Ways {
  const x = numbers(examples * features, 1);
  const task = defineTask({
    id: 'sweep',
    model: mlp([features, 32, 32, classes]),
    data: {
      x: { data: x, shape: [features] },
      y: { data: Int32Array.from({ length: examples }, (_, i) => largest(x, i)) },
    },
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
    batchSize: 32,
    steps,
  });
  return {
    async each(threads) {
      const runtime = createRuntime({ threads });
      return async (some) => {
        const losses: number[] = [];
        for (const lr of some) {
          const { validation } = await train({ task, optimizer: sgd({ lr }), evaluateEvery: steps, runtime });
          losses.push(validation[validation.length - 1].loss);
        }
        return losses;
      };
    },

    async together(threads) {
      const runtime = createRuntime({ threads });
      return async (some) => {
        const trials = await sweep({ task, optimizer: sgd(), settings: some.map((lr) => ({ lr })), runtime });
        return trials.map(({ validation }) => validation[validation.length - 1].loss);
      };
    },
  };
}
