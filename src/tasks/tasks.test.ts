import { beforeAll, describe, expect, test } from 'vitest';
import type { Splits } from '../data/dataset.ts';
import { fillBatch } from '../data/fill-batch.ts';
import { storage } from '../runtime/reference/array.ts';
import { parameter } from '../tensor/functions.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gradients } from '../tensor/transforms.ts';
import { testRandom } from '../testing/draw.ts';
import {
  evaluateSeeded,
  initialNumbers,
  type Numbers,
  pairs,
  placeholders,
  testContext,
} from '../testing/evaluate-model.ts';
import { logisticMnist, mnistCnn, mnistMlp } from './mnist.ts';
import { noisyQuadratic } from './noisy-quadratic.ts';
import { quadratic } from './quadratic.ts';
import { sotuCharGpt, sotuCharLstm } from './sotu.ts';
import type { Task } from './task.ts';
import { beale, rosenbrock } from './test-functions.ts';

/** A task traced once in training mode over a fixed batch of real data; all numbers in float64. */
class Probe {
  readonly task: Task;
  readonly start: Record<string, Float64Array>;
  private readonly params: Record<string, Tensor>;
  private readonly batch: [Tensor, Numbers][] = [];
  private readonly value: Tensor;
  private readonly metrics: readonly Tensor[];
  private readonly grads: readonly Tensor[];

  constructor(task: Task, splits: Splits | null, batchSize: number) {
    this.task = task;
    this.params = placeholders(task.parameters);
    this.start = initialNumbers(task.parameters, 1);
    const fields: Record<string, Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(splits?.train.fields ?? {})) {
      const full = [batchSize, ...shape];
      fields[name] = parameter(name, full, dtype);
      const data = storage(dtype, sizeOf(full));
      fillBatch((splits as Splits).train, [...Array(batchSize).keys()], { [name]: { shape: full, dtype, data } });
      this.batch.push([fields[name], data]);
    }
    const input = { params: this.params, batch: fields, context: testContext(true) };
    this.value = task.loss(input);
    this.metrics = Object.values(task.metrics?.(input) ?? {});
    this.grads = gradients(this.value, Object.values(this.params));
  }

  private evaluate(outputs: readonly Tensor[], at: Readonly<Record<string, Float64Array>>): Float64Array[] {
    const values = new Map([...pairs(this.params, at), ...this.batch]);
    return evaluateSeeded(outputs, values).map(({ data }) => Float64Array.from(data));
  }
  loss(at = this.start): number {
    return this.evaluate([this.value], at)[0][0];
  }
  metric(at = this.start): number[] {
    return this.evaluate(this.metrics, at).map(([value]) => value);
  }
  gradient(at = this.start): Record<string, Float64Array> {
    const found = this.evaluate(this.grads, at);
    return Object.fromEntries(Object.keys(this.params).map((name, i) => [name, found[i]]));
  }
}

/** a + scale * b, by name. */
const plus = (a: Record<string, Float64Array>, b: Record<string, Float64Array>, scale: number) =>
  Object.fromEntries(Object.entries(a).map(([name, x]) => [name, x.map((value, i) => value + scale * b[name][i])]));

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

interface Case {
  readonly name: string;
  readonly task: Task;
  readonly batch?: number;
  /** The loss at the start, where it is known. */
  readonly start?: number;
  readonly tolerance?: number;
  /** Of plain gradient descent. */
  readonly lr: number;
}

const text = Math.log(83);
const spectrum = [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + 20 ** (-i / 5), 0);
const cases: readonly Case[] = [
  { name: 'quadratic', task: quadratic({ dimension: 6, condition: 20 }), start: spectrum / 2, lr: 0.5 },
  { name: 'quadratic, unrotated', task: quadratic({ dimension: 2, condition: 4, seed: null }), start: 0.625, lr: 0.5 },
  { name: 'rosenbrock', task: rosenbrock(), start: 24.2, lr: 1e-3 },
  { name: 'rosenbrock in 5 dimensions', task: rosenbrock({ dimension: 5 }), start: 1016.4, tolerance: 1e-9, lr: 1e-4 },
  { name: 'beale', task: beale(), start: 14.203125, lr: 1e-2 },
  { name: 'noisy-quadratic', task: noisyQuadratic({ dimension: 5 }), lr: 0.1 },
  { name: 'logistic-mnist', task: logisticMnist(), batch: 4, start: Math.log(10), lr: 1e-3 },
  { name: 'mnist-mlp', task: mnistMlp({ hidden: [8, 6], activation: 'tanh' }), batch: 4, start: Math.log(10), tolerance: 0.4, lr: 0.05 },
  { name: 'mnist-cnn', task: mnistCnn({ channels: [2, 2], hidden: [6] }), batch: 2, start: Math.log(10), tolerance: 0.4, lr: 0.05 },
  { name: 'sotu-char-lstm', task: sotuCharLstm({ width: 4, hidden: 5, length: 6 }), batch: 3, start: text, tolerance: 0.4, lr: 0.5 },
  { name: 'sotu-char-gpt', task: sotuCharGpt({ width: 6, heads: 2, layers: 2, length: 5 }), batch: 3, start: text, tolerance: 0.4, lr: 0.5 },
]; // biome-ignore format: a table

describe.each(cases)('$name', ({ task, batch = 1, start, tolerance = 1e-12, lr }) => {
  let probe: Probe;
  beforeAll(async () => {
    probe = new Probe(task, await task.data(), batch);
  });

  if (start !== undefined) {
    test('starts at the loss that theory says', () => {
      expect(Math.abs(probe.loss() - start)).toBeLessThan(tolerance);
    });
  }

  test('has the gradient that finite differences find, parameter by parameter', () => {
    const gradient = probe.gradient();
    const random = testRandom(7);
    for (const [name, { shape }] of Object.entries(task.parameters)) {
      const direction = Float64Array.from({ length: sizeOf(shape) }, () => 2 * random() - 1);
      const along = { ...plus(probe.start, probe.start, -1), [name]: direction };
      const h = 1e-6;
      const slope = (probe.loss(plus(probe.start, along, h)) - probe.loss(plus(probe.start, along, -h))) / (2 * h);
      const expected = dot(gradient[name], direction);
      const scale = Math.max(Math.abs(expected), 1e-2 * Math.sqrt(dot(gradient[name], gradient[name])), 1e-3);
      expect(Math.abs(slope - expected) / scale, name).toBeLessThan(1e-5);
    }
  });

  test('falls under gradient descent', () => {
    let at = probe.start;
    for (let step = 0; step < 8; step++) at = plus(at, probe.gradient(at), -lr);
    expect(probe.loss(at)).toBeLessThan(probe.loss());
    for (const metric of probe.metric(at)) expect(metric >= 0 && metric <= 1).toBe(true);
  });
});

test('the minima of the test functions are where the literature says', () => {
  expect(new Probe(rosenbrock({ dimension: 4 }), null, 1).loss({ w: new Float64Array(4).fill(1) })).toBe(0);
  expect(new Probe(beale(), null, 1).loss({ w: Float64Array.of(3, 0.5) })).toBe(0);
  expect(new Probe(quadratic({ dimension: 9 }), null, 1).loss({ w: new Float64Array(9) })).toBe(0);
});

test('the rotation of the quadratic keeps its eigenvalues', () => {
  const probe = new Probe(quadratic({ dimension: 5, condition: 16 }), null, 1);
  const columns = Array.from({ length: 5 }, (_, i) => {
    const unit = new Float64Array(5);
    unit[i] = 1;
    return probe.gradient({ w: unit }).w;
  });
  // trace(H) and trace(H²) of the eigenvalues 1, 1/2, 1/4, 1/8, 1/16.
  expect(columns.reduce((sum, column, i) => sum + column[i], 0)).toBeCloseTo(1.9375, 12);
  expect(columns.reduce((sum, column) => sum + dot(column, column), 0)).toBeCloseTo(1.33203125, 12);
  expect(Math.abs(columns[0][1])).toBeGreaterThan(1e-3);
});

test('the noise of the noisy quadratic is in training only, with variance noise² h / averaged', () => {
  const task = noisyQuadratic({ dimension: 3, noise: 2, averaged: 4 });
  const { w } = placeholders(task.parameters);
  const gradientIn = (training: boolean): Tensor =>
    gradients(task.loss({ params: { w }, batch: {}, context: testContext(training) }), [w])[0];
  const zero = new Map([[w, new Float64Array(3)]]);
  expect([...evaluateSeeded([gradientIn(false)], zero)[0].data]).toEqual([0, 0, 0]);
  const noisy = gradientIn(true);
  const squares = [0, 0, 0];
  const draws = 4000;
  for (let step = 0; step < draws; step++) {
    evaluateSeeded([noisy], zero, { step })[0].data.forEach((g, i) => {
      squares[i] += g * g;
    });
  }
  // The relative standard deviation of a variance from 4000 draws is 2.2%.
  squares.forEach((sum, i) => {
    expect(Math.abs((sum / draws) * (i + 1) - 1)).toBeLessThan(0.1);
  });
});
