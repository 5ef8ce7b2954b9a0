import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parameter } from '../tensor/functions.ts';
import { gradients } from '../tensor/transforms.ts';
import { evaluateSeeded, pairs, placeholders, testContext } from '../testing/evaluate-model.ts';
import { causalSelfAttention } from './attention.ts';
import { conv } from './conv.ts';
import { dense } from './dense.ts';
import { embedding } from './embedding.ts';
import { lstm } from './lstm.ts';
import type { Model } from './model.ts';
import { batchNormalization, layerNormalization } from './normalization.ts';
import { transformerBlock } from './transformer.ts';

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What tests/fixtures/nn/make.py writes. */
interface Fixture {
  readonly parameters: Readonly<Record<string, Numbers>>;
  readonly buffers: Readonly<Record<string, Numbers>>;
  readonly x: Numbers;
  readonly y: Numbers;
  readonly weights: Numbers;
  readonly gradients: Readonly<Record<string, Numbers>>;
  readonly xGradient: Numbers | null;
  readonly buffersAfter: Readonly<Record<string, Numbers>>;
}

const fixture = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`../../tests/fixtures/nn/${name}.json`, import.meta.url), 'utf8'));

const valuesOf = (of: Readonly<Record<string, Numbers>>): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(of).map(([name, { values }]) => [name, values]));

function expectClose(what: string, got: ArrayLike<number>, expected: readonly number[]): void {
  expect(got.length, what).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs), 1e-3);
  const worst = Math.max(...expected.map((value, i) => Math.abs(got[i] - value))) / scale;
  expect(worst, `${what}: largest error over largest number`).toBeLessThan(1e-12);
}

const cases: readonly { name: string; model: Model; training?: boolean }[] = [
  { name: 'dense', model: dense(4, 3) },
  { name: 'conv', model: conv(2, 4, [3, 2], { stride: [2, 1], padding: 1, groups: 2 }) },
  { name: 'embedding', model: embedding(5, 3) },
  { name: 'layer-normalization', model: layerNormalization(6) },
  { name: 'batch-normalization-1d-training', model: batchNormalization(3), training: true },
  { name: 'batch-normalization-2d-training', model: batchNormalization(3), training: true },
  { name: 'batch-normalization-1d-evaluation', model: batchNormalization(3) },
  { name: 'batch-normalization-2d-evaluation', model: batchNormalization(3) },
  { name: 'lstm', model: lstm(3, 2) },
  { name: 'causal-self-attention', model: causalSelfAttention(4, 2) },
  { name: 'transformer-block', model: transformerBlock(4, 2) },
];

describe('layers agree with PyTorch in outputs and gradients', () => {
  test.each(cases)('$name', ({ name, model, training = false }) => {
    const expected = fixture(name);
    expect(Object.keys(model.parameters).sort()).toEqual(Object.keys(expected.parameters).sort());
    for (const [key, { shape }] of Object.entries(expected.parameters)) {
      expect(model.parameters[key].shape, key).toEqual(shape);
    }
    const params = placeholders(model.parameters);
    const buffers = placeholders(model.buffers);
    const x = parameter('x', expected.x.shape, expected.xGradient ? 'float64' : 'int32');
    const context = testContext(training, buffers);
    const y = model.apply(params, x, context);
    expect(y.shape).toEqual(expected.y.shape);

    const weights = parameter('weights', y.shape, 'float64');
    const names = Object.keys(params);
    const wrt = [...names.map((key) => params[key]), ...(expected.xGradient ? [x] : [])];
    const found = gradients(y.mul(weights).sum(), wrt);
    const written = Object.keys(context.written);
    const [yNumbers, ...rest] = evaluateSeeded(
      [y, ...found, ...written.map((key) => context.written[key])],
      new Map([
        ...pairs(params, valuesOf(expected.parameters)),
        ...pairs(buffers, valuesOf(expected.buffers)),
        [x, expected.x.values],
        [weights, expected.weights.values],
      ]),
    );
    expectClose('y', yNumbers.data, expected.y.values);
    names.forEach((key, i) => {
      expectClose(`gradient of ${key}`, rest[i].data, expected.gradients[key].values);
    });
    if (expected.xGradient) expectClose('gradient of x', rest[names.length].data, expected.xGradient.values);

    expect(written.sort()).toEqual(training ? Object.keys(expected.buffersAfter).sort() : []);
    written.forEach((key, i) => {
      expectClose(`buffer ${key}`, rest[wrt.length + i].data, expected.buffersAfter[key].values);
    });
  });
});
