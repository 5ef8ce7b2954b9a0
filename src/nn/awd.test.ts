import { describe, expect, test } from 'vitest';
import { constant, parameter } from '../tensor/functions.ts';
import { gradients } from '../tensor/transforms.ts';
import { expectClose } from '../testing/close.ts';
import { evaluateSeeded, initialNumbers, pairs, placeholders, testContext } from '../testing/evaluate-model.ts';
import {
  activationRegularization,
  bpttLength,
  embeddingDropout,
  lockedDropout,
  temporalActivationRegularization,
  weightDrop,
} from './awd.ts';
import { embedding } from './embedding.ts';
import { lstm } from './lstm.ts';

/** [N, T, features] = [1, 3, 2]. */
const h = constant([[[0.5, -1], [1, 0], [-0.5, 2]]], { dtype: 'float64' }); // biome-ignore format: one line
const numbers = (...tensors: Parameters<typeof evaluateSeeded>[0]): number[][] =>
  evaluateSeeded(tensors).map(({ data }) => [...data]);

describe('regularisers of activations', () => {
  test('golden: AR of the dropped outputs, TAR of the outputs', () => {
    const dropped = h.mul(constant([2, 0], { dtype: 'float64' }));
    const [[ar], [tar]] = numbers(activationRegularization(dropped, 2), temporalActivationRegularization(h, 1));
    expectClose([ar, tar], [2, 1.875]);
  });

  test('TAR needs two steps', () => {
    expect(() => temporalActivationRegularization(h.sliceAxis(1, 0, 1), 1)).toThrow('of at least two steps');
  });
});

describe('locked dropout', () => {
  const x = constant(Array(8 * 5 * 50).fill(1), { shape: [8, 5, 50], dtype: 'float64' });
  const layer = lockedDropout(0.4);

  test('one mask for all steps, another for each example, scaled', () => {
    const [y] = numbers(layer.apply({}, x, testContext(true)));
    const at = (n: number, t: number) => y.slice((n * 5 + t) * 50, (n * 5 + t + 1) * 50);
    for (let n = 0; n < 8; n++) for (let t = 1; t < 5; t++) expect(at(n, t)).toEqual(at(n, 0));
    expect(at(1, 0)).not.toEqual(at(0, 0));
    expect(new Set(y)).toEqual(new Set([0, 1 / 0.6]));
    const kept = y.filter((value) => value > 0).length / y.length;
    expect(Math.abs(kept - 0.6)).toBeLessThan(0.1);
  });

  test('evaluation is the identity', () => {
    expect(layer.apply({}, x, testContext(false))).toBe(x);
  });
});

describe('weight drop', () => {
  const plain = lstm(3, 4);
  const dropped = weightDrop(plain, 0.5);
  const params = placeholders(plain.parameters);
  const x = parameter('x', [2, 4, 3], 'float64');
  const values = new Map([
    ...pairs(params, initialNumbers(plain.parameters, 1)),
    [x, Array.from({ length: 24 }, (_, i) => Math.sin(i))] as const,
  ]);
  const forward = (model: typeof plain, step: number, training = true) => [
    ...evaluateSeeded([model.apply(params, x, testContext(training))], values, { step })[0].data,
  ];
  const stepOf = (y: number[], t: number) => [0, 1].flatMap((n) => y.slice((n * 4 + t) * 4, (n * 4 + t + 1) * 4));

  test('the first step from a zero state does not see it, later ones differ from pass to pass', () => {
    const [first, second] = [forward(dropped, 1), forward(dropped, 2)];
    expectClose(stepOf(first, 0), stepOf(forward(plain, 1), 0), { relative: 1e-14 });
    expectClose(stepOf(first, 0), stepOf(second, 0), { relative: 1e-14 });
    expect(stepOf(first, 3)).not.toEqual(stepOf(second, 3));
    expect(forward(dropped, 1)).toEqual(first);
  });

  test('in evaluation, and at rate 0, the model is as it was', () => {
    expect(forward(dropped, 1, false)).toEqual(forward(plain, 1, false));
    expect(forward(weightDrop(plain, 0), 1)).toEqual(forward(plain, 1));
  });

  test('gradients of dropped entries are 0, of the others not; with rows by rows', () => {
    const zeros = (model: typeof plain) => {
      const loss = model.apply(params, x, testContext(true)).sum();
      const [slope] = evaluateSeeded(gradients(loss, [params.weightHidden]), values);
      return Array.from({ length: 16 }, (_, row) => [...slope.data.slice(row * 4, row * 4 + 4)].map((g) => g === 0));
    };
    const dead = zeros(dropped).flat().filter(Boolean).length;
    expect(dead).toBeGreaterThan(16);
    expect(dead).toBeLessThan(48);
    const rows = zeros(weightDrop(plain, 0.5, { rows: true }));
    expect(rows.every((row) => row.every((one) => one === row[0]))).toBe(true);
    expect(new Set(rows.map(([one]) => one)).size).toBe(2);
  });

  test('embedding dropout drops whole symbols', () => {
    const model = embeddingDropout(embedding(20, 3), 0.4);
    const weight = constant(Array(60).fill(1), { shape: [20, 3], dtype: 'float64' });
    const symbols = constant(Array.from({ length: 20 }, (_, i) => i), { dtype: 'int32' }); // biome-ignore format: one line
    const [y] = numbers(model.apply({ weight }, symbols, testContext(true)));
    const rows = Array.from({ length: 20 }, (_, i) => y.slice(3 * i, 3 * i + 3));
    expect(rows.every((row) => row.every((value) => value === row[0]))).toBe(true);
    expect(new Set(y)).toEqual(new Set([0, 1 / 0.6]));
  });

  test('refuses names that the model does not have', () => {
    expect(() => weightDrop(plain, 0.5, { names: ['hh'] })).toThrow(
      "weightDrop: the model has no 'hh'; it has weightInput, weightHidden, bias",
    );
  });
});

test('lengths of pieces of text, and the factor of their rate', () => {
  expect(bpttLength(70, 0.5, 0.3)).toEqual({ length: 71, rateFactor: 71 / 70 });
  expect(bpttLength(70, 0.96, -0.3)).toEqual({ length: 33, rateFactor: 33 / 70 });
  expect(bpttLength(8, 0.99, -3).length).toBe(5);
});
