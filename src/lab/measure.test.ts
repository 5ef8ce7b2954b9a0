import { describe, expect, test } from 'vitest';
import { getOptimizer } from '../optim/registry.ts';
import { sizeOf } from '../tensor/shape.ts';
import { measureCost, stateMeasuredOn } from './measure.ts';

const parameters = Object.values(stateMeasuredOn.parameters);
const shapes = parameters.map(({ shape }) => shape);
const size = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);

async function bytes(name: string, values: Readonly<Record<string, number | boolean | string>> = {}): Promise<number> {
  return (await measureCost(getOptimizer(name, values))).stateBytesPerParameter;
}

describe('bytes of state for each parameter of the GPT', () => {
  test.each([
    ['sgd', 0],
    ['signum', 4],
    ['adam', 8],
    ['adamw', 8],
    ['amsgrad', 12],
    // What schedules and pure changes of the gradient keep is what their base keeps.
    ['cosine(clip(adam))', 8],
    ['sam(sgd)', 0],
    ['ema(adam)', 12],
    ['lookahead(sgd)', 4],
  ])('%s: %d', async (name, expected) => {
    expect(await bytes(name)).toBeCloseTo(expected, 10);
  });

  test('sgd keeps a buffer only with momentum', async () => {
    expect(await bytes('sgd', { momentum: 0.9 })).toBe(4);
  });

  test('8-bit Adam: two bytes and the scales of blocks; float32 for embeddings and small tensors', async () => {
    const expected = parameters.reduce((sum, { shape, role }) => {
      const n = sizeOf(shape);
      return sum + (n >= 4096 && role !== 'embedding' ? 2 * n + 2 * 4 * Math.ceil(n / 2048) : 2 * 4 * n);
    }, 0);
    expect(await bytes('adam8bit', { blockSize: 2048, minSize: 4096 })).toBeCloseTo(expected / size, 10);
    expect(expected / size).toBeLessThan(3);
  });

  test('Adafactor: a row and a column for each matrix', async () => {
    const floats = shapes.reduce(
      (sum, shape) => sum + (shape.length < 2 ? sizeOf(shape) : (shape.at(-2) ?? 0) + (shape.at(-1) ?? 0)),
      0,
    );
    expect(await bytes('adafactor')).toBeCloseTo((4 * floats) / size, 10);
  });

  test('SGD-SaI: momentum, and one number for each tensor', async () => {
    expect(await bytes('sgd-sai')).toBeCloseTo(4 + (4 * shapes.length) / size, 10);
  });

  test('subset-norm: momentum, and less than a tenth of a second moment for matrices', async () => {
    const { state } = await measureCost(getOptimizer('subset-norm'));
    const part = (name: string) => state.find((one) => one.name === name)?.bytesPerParameter ?? Number.NaN;
    expect(part('matrices.V')).toBeLessThan(part('matrices.m') / 10);
    expect(part('rest.m')).toBe(part('rest.v'));
  });

  test('L-BFGS on the host: ten pairs, gradient and direction in float64, and three numbers', async () => {
    const perceptron = 32 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10;
    expect(await bytes('lbfgs', { history: 3 })).toBeCloseTo(8 * (2 * 3 + 2 + 3 / perceptron), 6);
  });
});

test('a composed optimizer lists what each part keeps', async () => {
  const { state } = await measureCost(getOptimizer('ema(adam)'));
  expect(state.map(({ name }) => name).sort()).toEqual(['average', 'm', 'v']);
});
