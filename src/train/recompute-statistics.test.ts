import { expect, test } from 'vitest';
import { arrayDataset } from '../data/array-dataset.ts';
import { batchNormalization, dense, dropoutLayer, meanSquaredError, sequential } from '../nn/index.ts';
import { emaWeights, sgd } from '../optim/index.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { defineTask } from '../tasks/define.ts';
import { expectClose } from '../testing/close.ts';
import { recomputeStatistics } from './recompute-statistics.ts';
import { train } from './train.ts';

const runtime = createRuntime({ engine: 'wasm', threads: 1 });
const near = { relative: 1e-6 };

function taskOf(x: readonly number[], model = sequential({ norm: batchNormalization(1) })) {
  const data = arrayDataset({ x: { data: Float32Array.from(x), shape: [1] } });
  return defineTask({
    id: 'numbers',
    model,
    data: { train: data, validation: data, test: data },
    loss: (output, batch) => meanSquaredError(output, batch.x),
    batchSize: 4,
  });
}
const parameters = {
  'norm.gain': { shape: [1], data: Float32Array.of(1) },
  'norm.bias': { shape: [1], data: Float32Array.of(0) },
};

test('golden: batches [1, 2, 3, 4] and [2, 6], by examples and by batches', async () => {
  const task = taskOf([1, 2, 3, 4, 2, 6]);
  const byExamples = await recomputeStatistics({ task, parameters, runtime });
  expectClose([...byExamples['norm.mean'].data, ...byExamples['norm.variance'].data], [3, 3.77777777778], near);
  const byBatches = await recomputeStatistics({ task, parameters, weighting: 'batches', runtime });
  expectClose([...byBatches['norm.mean'].data, ...byBatches['norm.variance'].data], [3.25, 4.83333333333], near);
});

test('a last batch of one example is left out; large statistics are exact; the momentum does not matter', async () => {
  const x = [1e6, 2e6, 3e6, 4e6, 7];
  for (const momentum of [0.01, 1]) {
    const task = taskOf(x, sequential({ norm: batchNormalization(1, { momentum }) }));
    const found = await recomputeStatistics({ task, parameters, runtime });
    expectClose([...found['norm.mean'].data], [2.5e6], near);
  }
});

test('at averaged weights: what the layer before the norm gives there', async () => {
  const x = Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const model = sequential({ fc: dense(1, 1), norm: batchNormalization(1), drop: dropoutLayer(0.2) });
  const task = taskOf(x, model);
  const run = await train({ task, optimizer: emaWeights(sgd({ lr: 0.3 })), steps: 40, runtime });
  const found = await recomputeStatistics({ task, parameters: run.parameters, batchSize: 64, runtime });
  const [weight, bias] = ['fc.weight', 'fc.bias'].map((name) => run.parameters[name].data[0]);
  const mean = x.reduce((sum, value) => sum + weight * value + bias, 0) / 64;
  expectClose([...found['norm.mean'].data], [mean], { relative: 1e-5, absolute: 1e-6 });
  expect(found['norm.mean'].data[0]).not.toBeCloseTo(run.buffers['norm.mean'].data[0], 4);
});
