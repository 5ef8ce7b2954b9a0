import { arrayDataset, split } from '../src/data/index.ts';
import {
  activation,
  batchNormalization,
  dense,
  dropoutLayer,
  errorRate,
  meanCrossEntropy,
  sequential,
} from '../src/nn/index.ts';
import { fillRandom } from '../src/runtime/random.ts';
import type { LossInput, Task } from '../src/tasks/task.ts';

/** Two classes in the plane, and a model with everything that is random or not trained: dropout and batch normalization. */
export function noisyTask(): Task {
  const size = 256;
  const x = new Float32Array(size * 2);
  fillRandom(x, 'normal', { seed: 3, stream: 'points', step: 0 });
  const y = Int32Array.from({ length: size }, (_, i) => Number(x[2 * i] * x[2 * i + 1] > 0));
  const model = sequential({
    fc1: dense(2, 16),
    norm: batchNormalization(16),
    act: activation('relu'),
    drop: dropoutLayer(0.2),
    fc2: dense(16, 2, { role: 'head' }),
  });
  const logits = ({ params, batch, context }: LossInput) => model.apply(params, batch.x, context);
  return {
    id: 'noisy',
    summary: 'a small model with dropout and batch normalization',
    parameters: model.parameters,
    buffers: model.buffers,
    loss: (input) => meanCrossEntropy(logits(input), input.batch.y),
    metrics: (input) => ({ error: errorRate(logits(input), input.batch.y) }),
    data: async () => split(arrayDataset({ x: { data: x, shape: [2] }, y: { data: y } })),
    batchSize: 32,
    steps: 60,
    target: { metric: 'error', value: 0.2 },
  };
}
