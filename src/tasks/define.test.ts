import { expect, test } from 'vitest';
import { arrayDataset } from '../data/array-dataset.ts';
import { split } from '../data/split.ts';
import { errorRate, meanCrossEntropy } from '../nn/losses.ts';
import { mlp } from '../nn/mlp.ts';
import { parameter } from '../tensor/functions.ts';
import { topological } from '../tensor/graph.ts';
import { RandomStreams } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { placeholders, testContext } from '../testing/evaluate-model.ts';
import { defineTask } from './define.ts';
import { getTask, tasks } from './registry.ts';

const arrays = {
  x: { data: Float32Array.from({ length: 40 }, (_, i) => i), shape: [2] },
  y: { data: Int32Array.from({ length: 20 }, (_, i) => i % 2) },
};
const own = (data: Parameters<typeof defineTask>[0]['data']) =>
  defineTask({
    id: 'own',
    model: mlp([2, 3, 2]),
    data,
    loss: (logits, { y }) => meanCrossEntropy(logits, y),
    metrics: (logits, { y }) => ({ error: errorRate(logits, y) }),
  });

test("a task of one's own is a model, a loss and arrays", async () => {
  const task = own(arrays);
  const splits = await task.data();
  expect([splits?.train.size, splits?.validation.size, splits?.test.size]).toEqual([16, 2, 2]);
  expect(Object.keys(task.parameters)).toEqual(['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']);
  expect(task).toMatchObject({ summary: 'own', batchSize: 32, steps: 1000, target: { metric: 'loss', value: 0 } });
});

test('data may also be a dataset, the splits, or a function that loads them', async () => {
  const dataset = arrayDataset(arrays);
  const splits = split(dataset);
  expect((await own(dataset).data())?.test.size).toBe(2);
  expect(await own(splits).data()).toBe(splits);
  expect(await own(async () => splits).data()).toBe(splits);
  expect((await own(() => ({ ...arrays, train: arrays.y })).data())?.train.size).toBe(16);
});

test('loss and metrics of one input share one pass through the model', () => {
  const task = own(arrays);
  const batch = { x: parameter('x', [4, 2], 'float64'), y: parameter('y', [4], 'int32') };
  const input = { params: placeholders(task.parameters), batch, context: testContext(false) };
  const outputs = [task.loss(input), ...Object.values(task.metrics?.(input) ?? {})];
  expect(topological(outputs).filter((node) => node.is('matmul')).length).toBe(2);
});

test('a task that names its labels can draw them from its own distribution', () => {
  const definition = {
    id: 'own',
    model: mlp([2, 3, 4]),
    data: arrays,
    loss: (logits: Tensor, { y }: Readonly<Record<string, Tensor>>) => meanCrossEntropy(logits, y),
  };
  expect(defineTask(definition).sampledLoss).toBeUndefined();
  const task = defineTask({ ...definition, labels: 'y' });
  const batch = { x: parameter('x', [6, 2], 'float64'), y: parameter('y', [6], 'int32') };
  const input = { params: placeholders(task.parameters), batch, context: testContext(false) };
  const sampled = task.sampledLoss?.(input, new RandomStreams('labels'));
  expect(sampled?.labels).toBe(6);
  // The true labels do not enter; the logits are those of the loss.
  const nodes = topological([sampled?.loss as Tensor, task.loss(input)]);
  expect(topological([sampled?.loss as Tensor])).not.toContain(batch.y);
  expect(nodes.filter((node) => node.is('matmul')).length).toBe(2);
});

test('without a field x the task says how to choose the input', () => {
  const task = own({ image: arrays.x, y: arrays.y });
  const batch = { image: parameter('image', [4, 2]) };
  expect(() => task.loss({ params: placeholders(task.parameters), batch, context: testContext(false) })).toThrow(
    "the data has no field 'x', only image; say by 'input'",
  );
});

test('the registry knows each task by its own id, and guesses at misspelt ones', () => {
  for (const id of Object.keys(tasks)) expect(getTask(id).id).toBe(id);
  expect(getTask('mnist-mlp', { hidden: [5] }).parameters['fc1.weight'].shape).toEqual([5, 784]);
  expect(() => getTask('mnist-mpl')).toThrow("there is no task 'mnist-mpl'; did you mean 'mnist-mlp'?");
  expect(() => getTask('toString')).toThrow('there is no task');
});
