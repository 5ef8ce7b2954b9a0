import { describe, expect, it } from 'vitest';
import {
  activation,
  batchNormalization,
  compose,
  conv,
  dense,
  type Model,
  maxPooling,
  meanCrossEntropy,
  type Tensors,
} from '../src/nn/index.ts';
import type { Engine } from '../src/runtime/engine.ts';
import { evaluate } from '../src/runtime/reference/index.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import { parameter } from '../src/tensor/functions.ts';
import { sizeOf } from '../src/tensor/shape.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { gradients } from '../src/tensor/transforms.ts';
import { relativeError } from '../src/testing/compute.ts';
import { placeholders, testContext } from '../src/testing/evaluate-model.ts';

type Values = ReadonlyMap<Tensor<'parameter'>, readonly number[]>;

async function runOn(engine: Engine, outputs: readonly Tensor[], values: Values): Promise<number[][]> {
  const inputs = [...values.keys()];
  const executable = await engine.compile({ inputs, outputs });
  const from = inputs.map((input) => {
    const buffer = engine.allocate(input.shape, input.dtype);
    buffer.data.set(values.get(input) ?? []);
    return buffer;
  });
  const to = outputs.map(({ shape, dtype }) => engine.allocate(shape, dtype));
  await executable.bind(from, to)();
  return to.map(({ data }) => Array.from(data));
}

/** The parameters of a model by name, and numbers for them. */
function given(model: Model): { params: Tensors; numbers: [Tensor<'parameter'>, number[]][] } {
  const params = placeholders(model.parameters, 'float32') as Record<string, Tensor<'parameter'>>;
  const wave = (n: number, phase: number) =>
    Array.from({ length: n }, (_, i) => Math.fround(Math.sin(2.3 * i + phase)));
  return { params, numbers: Object.values(params).map((param, i) => [param, wave(sizeOf(param.shape), i)]) };
}

/** A residual network in little: each convolution fills blocks of channels, and so do the images. */
const net = compose(
  {
    stem: conv(3, 16, 3, { padding: 1, bias: false }),
    norm: batchNormalization(16),
    relu: activation('relu'),
    pool: maxPooling(2),
    down: conv(16, 32, 3, { stride: 2, padding: 1, bias: false }),
    norm1: batchNormalization(32),
    same: conv(32, 32, 3, { padding: 1, bias: false }),
    norm2: batchNormalization(32),
    short: conv(16, 32, 1, { stride: 2, bias: false }),
    head: dense(32, 4),
  },
  ({ stem, norm, relu, pool, down, norm1, same, norm2, short, head }, image) => {
    const x = pool(relu(norm(stem(image))));
    return head(relu(norm2(same(relu(norm1(down(x))))).add(short(x))).mean([2, 3]));
  },
);

const engines = (['onnx', 'wasm', 'auto'] as const).map((name) => createRuntime({ engine: name, threads: 1 }).engine);

describe.each(engines)('on the $name engine', (engine) => {
  it('a convolutional network has the loss, gradients and statistics of the reference', async () => {
    const [x, labels] = [parameter('x', [16, 3, 12, 12]), parameter('labels', [16], 'int32')];
    const { params, numbers } = given(net);
    const context = testContext(true, placeholders(net.buffers, 'float32'));
    const loss = meanCrossEntropy(net.apply(params, x, context), labels);
    const outputs = [loss, ...gradients(loss, Object.values(params)), ...Object.values(context.written)];
    const values: Values = new Map([
      [x, Array.from({ length: x.size }, (_, i) => Math.fround(Math.sin(i * i + i)))],
      [labels, Array.from({ length: 16 }, (_, i) => i % 4)],
      ...numbers,
      ...Object.values(context.buffers as Record<string, Tensor<'parameter'>>).map(
        (buffer): [Tensor<'parameter'>, number[]] => [buffer, new Array<number>(buffer.size).fill(1)],
      ),
    ]);
    const wanted = evaluate(outputs, values);
    const found = await runOn(engine, outputs, values);
    for (const [i, { data }] of wanted.entries()) expect(relativeError(found[i], Array.from(data))).toBeLessThan(2e-4);
  });

  it('batch norm keeps its digits without variance, with little, and far from 0', async () => {
    const norm = batchNormalization(3);
    const x = parameter('x', [8, 3, 6, 6]);
    const slope = parameter('slope', x.shape);
    const { params, numbers } = given(norm);
    const y = norm.apply(params, x, testContext(true, placeholders(norm.buffers, 'float32')));
    const outputs = [y, ...gradients(y.mul(slope).sum(), [x, ...Object.values(params)])];
    const noise = (i: number) => Math.sin(i * i + i);
    const channel = [() => 3, (i: number) => 1e-3 * noise(i), (i: number) => 100 + noise(i)];
    const values: Values = new Map([
      [x, Array.from({ length: x.size }, (_, i) => Math.fround(channel[Math.floor(i / 36) % 3](i)))],
      [slope, Array.from({ length: x.size }, (_, i) => Math.fround(Math.cos(i * i)))],
      ...numbers,
    ]);
    const wanted = evaluate(outputs, values);
    const found = await runOn(engine, outputs, values);
    for (const [i, { data }] of wanted.entries()) expect(relativeError(found[i], Array.from(data))).toBeLessThan(1e-4);
  });
});
