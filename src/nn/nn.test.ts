import { describe, expect, test } from 'vitest';
import { constant, parameter } from '../tensor/functions.ts';
import { topological } from '../tensor/graph.ts';
import { gradients } from '../tensor/transforms.ts';
import { evaluateSeeded, initialNumbers, pairs, placeholders, testContext } from '../testing/evaluate-model.ts';
import { causalSelfAttention } from './attention.ts';
import { compose, sequential } from './compose.ts';
import { conv } from './conv.ts';
import { dense } from './dense.ts';
import { dropoutLayer } from './dropout.ts';
import * as init from './init.ts';
import { binaryErrorRate, errorRate, meanBinaryCrossEntropy, meanCrossEntropy, meanSquaredError } from './losses.ts';
import { lstm } from './lstm.ts';
import { mlp } from './mlp.ts';
import { batchNormalization } from './normalization.ts';
import { activation, averagePooling, flattenLayer, maxPooling } from './stateless.ts';
import { gpt } from './transformer.ts';

const numbers = (...tensors: Parameters<typeof evaluateSeeded>[0]): number[][] =>
  evaluateSeeded(tensors).map(({ data }) => [...data]);

describe('composition', () => {
  const nested = sequential({
    trunk: sequential({ fc: dense(2, 3), norm: batchNormalization(3) }),
    act: activation('relu'),
    out: dense(3, 1, { bias: false, role: 'head' }),
  });

  test('names carry the path', () => {
    expect(Object.keys(nested.parameters)).toEqual([
      ...['trunk.fc.weight', 'trunk.fc.bias', 'trunk.norm.gain', 'trunk.norm.bias', 'out.weight'],
    ]);
    expect(Object.keys(nested.buffers)).toEqual(['trunk.norm.mean', 'trunk.norm.variance']);
    expect(Object.values(nested.parameters).map(({ role }) => role)).toEqual([
      'matrix',
      'bias',
      'gain',
      'bias',
      'head',
    ]);
  });

  test('buffers are read and set by their full names', () => {
    const context = testContext(true, placeholders(nested.buffers, 'float32'));
    nested.apply(placeholders(nested.parameters, 'float32'), parameter('x', [4, 2]), context);
    expect(Object.keys(context.written)).toEqual(['trunk.norm.mean', 'trunk.norm.variance']);
  });

  test('evaluation sets no buffer', () => {
    const context = testContext(false, placeholders(nested.buffers, 'float32'));
    nested.apply(placeholders(nested.parameters, 'float32'), parameter('x', [4, 2]), context);
    expect(context.written).toEqual({});
  });

  test('a part used twice shares its parameters', () => {
    const twice = compose({ fc: dense(2, 2, { bias: false }) }, ({ fc }, x) => fc(fc(x)));
    const params = placeholders(twice.parameters);
    const y = twice.apply(params, constant([[1, 1]], { dtype: 'float64' }), testContext(false));
    const [{ data }] = evaluateSeeded([y], new Map([[params['fc.weight'], [0, 2, 1, 0]]]));
    expect([...data]).toEqual([2, 2]);
  });

  test('a name with a dot is refused', () => {
    expect(() => sequential({ 'a.b': dense(1, 1) })).toThrow("the part name 'a.b' must be a word without dots");
  });
});

describe('layers', () => {
  test('mlp puts activations between layers and ends in the head', () => {
    const model = mlp([4, 3, 2], { activation: 'tanh' });
    const roles = Object.entries(model.parameters).map(([name, { shape, role }]) => `${name} [${shape}] ${role}`);
    expect(roles).toEqual([
      'fc1.weight [3,4] matrix',
      'fc1.bias [3] bias',
      'fc2.weight [2,3] head',
      'fc2.bias [2] bias',
    ]);
    const y = model.apply(placeholders(model.parameters), parameter('x', [5, 4], 'float64'), testContext(false));
    expect(topological([y]).filter((node) => node.is('tanh')).length).toBe(1);
    expect(() => mlp([3])).toThrow('sizes of input and output');
  });

  test('dense is one matrix product whatever the leading axes', () => {
    const model = dense(4, 3);
    const params = placeholders(model.parameters, 'float32');
    const y = model.apply(params, parameter('x', [2, 5, 4]), testContext(false));
    expect(y.shape).toEqual([2, 5, 3]);
    const products = topological(gradients(y.sum(), [params.weight])).filter((node) => node.is('matmul'));
    expect(products.every((node) => node.rank === 2)).toBe(true);
    expect(() => model.apply(params, parameter('x', [2, 5]), testContext(false))).toThrow('takes [..., 4]');
  });

  test('pooling and flattening', () => {
    const x = constant([[[[1, 2, 5, 0], [3, 4, 1, 2]]]], { dtype: 'float64' }); // biome-ignore format: an image
    const through = (model: ReturnType<typeof maxPooling>) => numbers(model.apply({}, x, testContext(false)))[0];
    expect(through(maxPooling(2))).toEqual([4, 5]);
    expect(through(averagePooling(2))).toEqual([2.5, 2]);
    expect(flattenLayer().apply({}, x, testContext(false)).shape).toEqual([1, 8]);
  });

  test('dropout keeps the mean in training and is the identity in evaluation', () => {
    const x = constant(1, { dtype: 'float64' }).broadcastTo([20_000]);
    const layer = dropoutLayer(0.25);
    expect(layer.apply({}, x, testContext(false))).toBe(x);
    const [dropped] = numbers(layer.apply({}, x, testContext(true)));
    expect(new Set(dropped.map((value) => value.toFixed(9)))).toEqual(new Set(['0.000000000', '1.333333333']));
    // The standard deviation of the mean of 20000 is 0.004.
    expect(Math.abs(dropped.reduce((sum, value) => sum + value, 0) / 20_000 - 1)).toBeLessThan(0.02);
    expect(() => dropoutLayer(1)).toThrow('rate is 1');
  });

  test('two dropouts in one pass drop different elements', () => {
    const context = testContext(true);
    const x = constant(1, { dtype: 'float64' }).broadcastTo([64]);
    const [a, b] = numbers(dropoutLayer(0.5).apply({}, x, context), dropoutLayer(0.5).apply({}, x, context));
    expect(a).not.toEqual(b);
  });

  test('attention does not look ahead', () => {
    const model = causalSelfAttention(4, 2);
    const params = placeholders(model.parameters);
    const x = parameter('x', [1, 4, 4], 'float64');
    const y = model.apply(params, x, testContext(false));
    const [byInput] = gradients(y.sliceAxis(1, 0, 2).square().sum(), [x]);
    const values = Float64Array.from({ length: 16 }, (_, i) => Math.sin(i));
    const known = new Map([...pairs(params, initialNumbers(model.parameters)), [x, values] as const]);
    const [{ data }] = evaluateSeeded([byInput], known);
    expect(data.subarray(0, 8).every((g) => g !== 0)).toBe(true);
    expect([...data.subarray(8)]).toEqual(new Array(8).fill(0));
    expect(() => causalSelfAttention(5, 2)).toThrow('width 5 does not part into 2 heads');
  });

  test('the forget gate may begin open', () => {
    const { bias } = lstm(3, 2, { forgetBias: 1 }).parameters;
    expect(bias.init).toEqual({ kind: 'values', values: [0, 0, 1, 1, 0, 0, 0, 0] });
  });

  test('batch norm refuses to train on one value', () => {
    const model = batchNormalization(3);
    const apply = (training: boolean) =>
      model.apply(
        placeholders(model.parameters),
        parameter('x', [1, 3], 'float64'),
        testContext(training, placeholders(model.buffers)),
      );
    expect(() => apply(true)).toThrow('no variance to train with');
    expect(apply(false).shape).toEqual([1, 3]);
  });

  test('a gpt has the parameters of its layers and refuses longer texts', () => {
    const model = gpt({ vocabulary: 7, context: 5, width: 4, heads: 2, layers: 2 });
    expect(Object.keys(model.parameters).filter((name) => name.startsWith('block2.')).length).toBe(12);
    const apply = (steps: number) =>
      model.apply(placeholders(model.parameters), parameter('x', [2, steps], 'int32'), testContext(true));
    expect(apply(3).shape).toEqual([2, 3, 7]);
    expect(() => apply(6)).toThrow('more than 5 positions');
  });
});

describe('initialisers', () => {
  const fans = { in: 50, out: 22 };
  test('have the variances of their papers', () => {
    expect(init.heNormal(fans)).toEqual({ kind: 'normal', mean: 0, std: 0.2 });
    expect(init.lecunNormal(fans)).toEqual({ kind: 'normal', mean: 0, std: Math.sqrt(0.02) });
    expect(init.glorotUniform(fans)).toMatchObject({ high: Math.sqrt(1 / 12) });
    expect(init.torchUniform(fans)).toEqual({ kind: 'uniform', low: -1 / Math.sqrt(50), high: 1 / Math.sqrt(50) });
  });
  test('see the fans of a convolution through its groups', () => {
    const { weight } = conv(4, 6, [3, 2], { groups: 2, init: init.heNormal }).parameters;
    expect(weight.init).toMatchObject({ std: Math.sqrt(2 / 12) });
  });
});

describe('losses', () => {
  const logits = constant([[2, 0, 0], [0, 1, 3]], { dtype: 'float64' }); // biome-ignore format: a matrix
  const labels = constant([0, 1], { dtype: 'int32' });
  test('of classes', () => {
    const [[entropy], [error]] = numbers(meanCrossEntropy(logits, labels), errorRate(logits, labels));
    const expected = Math.log(Math.E ** 2 + 2) - 2 + Math.log(1 + Math.E + Math.E ** 3) - 1;
    expect(entropy).toBeCloseTo(expected / 2, 14);
    expect(error).toBe(0.5);
  });
  test('of yes and no', () => {
    const z = constant([800, -800, 0.5, -0.5], { dtype: 'float64' });
    const y = constant([1, 0, 0, 0], { dtype: 'uint8' });
    const [[entropy], [error]] = numbers(meanBinaryCrossEntropy(z, y), binaryErrorRate(z, y));
    expect(entropy).toBeCloseTo((Math.log1p(Math.exp(0.5)) + Math.log1p(Math.exp(-0.5))) / 4, 14);
    expect(error).toBe(0.25);
  });
  test('of numbers', () => {
    expect(numbers(meanSquaredError(logits, logits.mul(2)))).toEqual([[14 / 6]]);
  });
});
