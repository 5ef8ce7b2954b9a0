import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noisyTask } from '../../../tests/noisy-task.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { Layout } from '../../tensor/bundle.ts';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { decodeSafetensors } from '../../train/safetensors.ts';
import { sweep } from '../../train/sweep.ts';
import { train } from '../../train/train.ts';
import { adam } from '../adaptive/adam.ts';
import { traceInit } from '../step-program.ts';
import { adam8bit } from './adam8bit.ts';
import { type Codebook, dequantize, dynamicMap, linearMap, quantize, withoutZero } from './quantize.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const small = { blockSize: 4, minSize: 1 };
const sum = (book: Codebook) => book.reduce((a, b) => a + b, 0);

/** Codes of numbers, their scales, and what they stand for. */
function roundTrip(numbers: readonly number[], book: Codebook, blockSize = numbers.length) {
  const quantized = quantize(constant(numbers, { dtype: 'float64' }), book, blockSize);
  const outputs = [quantized.codes, quantized.scales, dequantize(quantized, book, blockSize)];
  const [codes, scales, back] = evaluate(outputs, new Map()).map(({ data }) => [...data]);
  return { codes, scales, back };
}

describe('dynamic maps', () => {
  test('golden: signed', () => {
    const map = dynamicMap(true);
    expect(map).toHaveLength(256);
    expectClose(map.slice(126, 132), [-5.5e-7, 0, 5.5e-7, 3.25e-6, 7.75e-6, 2.125e-5], { relative: 1e-14 });
    expectClose([map[0], map[254], map[255], sum(map)], [-0.99296875, 0.99296875, 1, 1], { relative: 1e-13 });
  });

  test('golden: unsigned', () => {
    const map = dynamicMap(false);
    expect(map).toHaveLength(256);
    const first = [0, 3.25e-7, 7.75e-7, 2.125e-6, 4.375e-6, 6.625e-6, 8.875e-6, 1.5625e-5];
    expectClose(map.slice(0, 8), first, { relative: 1e-14 });
    expectClose([...map.slice(253), sum(map)], [0.989453125, 0.996484375, 1, 75.1052631], { relative: 1e-9 });
  });

  test('golden: blocks there and back', () => {
    const signed = roundTrip([0.3, -0.001, 0.02, -1.7, 1e-5, 0], dynamicMap(true));
    expect(signed.codes).toEqual([196, 115, 159, 0, 130, 127]);
    expect(signed.scales).toEqual([1.7]);
    expectClose(signed.back, [0.301484375, -0.001030625, 0.019390625, -1.688046875, 1.3175e-5, 0], { relative: 1e-13 });
    const unsigned = roundTrip([0.09, 1e-6, 4e-4, 2.89, 1e-10, 0], dynamicMap(false));
    expect(unsigned.codes).toEqual([78, 1, 15, 255, 0, 0]);
    expectClose(unsigned.back, [0.09189296875, 9.3925e-7, 0.00037028125, 2.89, 0, 0], { relative: 1e-13 });
  });

  test('every number of a map finds its own code, and numbers between two the nearer one', () => {
    for (const map of [dynamicMap(true), dynamicMap(false), linearMap(false)]) {
      expect(roundTrip(map, map).codes).toEqual(map.map((_, i) => i));
      const near = map.slice(1).flatMap((x, i) => [x - (x - map[i]) * 0.49, x - (x - map[i]) * 0.51]);
      expect(roundTrip([...near, 1], map).codes).toEqual([...map.slice(1).flatMap((_, i) => [i + 1, i]), 255]);
    }
  });

  test('a block of zeros has scale 0 and comes back as zeros, with 0 in the map or not; blocks have scales of their own', () => {
    for (const map of [dynamicMap(true), dynamicMap(false), withoutZero(dynamicMap(false))]) {
      const { scales, back } = roundTrip([0, 0, 1, 0.5, 4], map, 2);
      expect(scales).toEqual([0, 1, 4]);
      expect(back.slice(0, 2)).toEqual([0, 0]);
      expect(back[4]).toBe(4);
    }
  });

  test('the nearest code wins over the sign: what is small beside its block becomes 0', () => {
    expect(roundTrip([1, -1e-8, 1e-8], dynamicMap(true))).toMatchObject({ codes: [255, 127, 127], back: [1, 0, 0] });
  });

  test('without 0 no positive number becomes 0', () => {
    expect(roundTrip([1, 1e-12], dynamicMap(false)).back[1]).toBe(0);
    expectClose([roundTrip([1, 1e-12], withoutZero(dynamicMap(false))).back[1]], [3.25e-7], { relative: 1e-13 });
  });
});

describe('adam8bit', () => {
  test('golden: one block', async () => {
    const { w, state } = await trajectory(adam8bit({ lr: 0.1, ...small }), setup);
    const expected =
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.801955318867, -1.80090648853, 2.80121447977, 0.319894943812 | 0.707107446609, -1.704343389, 2.70400029592, 0.233908917703';
    expectClose(w, golden(expected));
    expect(state[3]['state.0.m.codes']).toEqual([205, 24, 255, 201]);
    expect(state[3]['state.0.v.codes']).toEqual([125, 173, 255, 111]);
  });

  test('weight decay shrinks the weights after the step, as in bitsandbytes', async () => {
    const values = { lr: 0.1, ...small };
    const free = (await trajectory(adam8bit(values), { ...setup, steps: 1 })).w[0];
    const { w } = await trajectory(adam8bit({ ...values, weightDecay: 0.5 }), { ...setup, steps: 1 });
    expectClose(
      w[0],
      free.map((x) => x * (1 - 0.1 * 0.5)),
      { relative: 1e-14 },
    );
  });

  test('small tensors and embeddings keep floats: exactly Adam', async () => {
    const expected = (await trajectory(adam({ lr: 0.1 }), setup)).w;
    expectClose((await trajectory(adam8bit({ lr: 0.1 }), setup)).w, expected, { relative: 1e-14 });
    const embedding = { E: { shape: [2, 2], values: w0, role: 'embedding' } } as const;
    const { w } = await trajectory(adam8bit({ lr: 0.1, ...small }), { ...setup, w0: embedding });
    expectClose(w, expected, { relative: 1e-14 });
  });

  test('state is two bytes for a parameter and two floats for a block', () => {
    const layout = new Layout([{ name: 'W', shape: [64, 100], role: 'matrix' }]);
    const { graph } = traceInit(adam8bit(), layout);
    const bytes = graph.outputs.map(
      ({ dtype, size }) => ({ uint8: 1, float32: 4, float64: 8, int32: 4, bool: 1 })[dtype] * size,
    );
    expect(bytes.reduce((a, b) => a + b, 0)).toBe(2 * 6400 + 2 * 4 * 4);
    expect(graph.outputs.filter(({ dtype }) => dtype === 'uint8')).toHaveLength(2);
  });

  test.each(['onnx', 'wasm', 'auto'] as const)('%s keeps the codes that the reference keeps', async (engine) => {
    const loss = ({ w }: LossPoint) => w.flat.square().mul(w.flat.add(2)).sum();
    const start = { W: { shape: [5, 7], values: Array.from({ length: 35 }, (_, i) => Math.fround(Math.sin(i + 1))), role: 'matrix' } } as const; // biome-ignore format: one line
    const values = { lr: 0.1, blockSize: 8, minSize: 1 };
    const expected = await trajectory(adam8bit(values), { w0: start, loss, steps: 4 });
    const { engine: compiled } = createRuntime({ engine, threads: 1 });
    const actual = await trajectory(adam8bit(values), { w0: start, loss, steps: 4, engine: compiled });
    for (const name of ['m', 'v']) expect(actual.state[4][`state.0.${name}.codes`]).toEqual(expected.state[4][`state.0.${name}.codes`]); // biome-ignore format: one line
    expectClose(actual.w, expected.w, { relative: 1e-5, absolute: 1e-6 });
  });

  test('the danger of a 0 in the map: a rare small gradient, then none', async () => {
    // v of the second element is too small beside that of the first and becomes 0 in its code; m does not.
    const loss = lossWithGradient(({ t }) => constant([1, 0]).add(constant([0, 2e-4]).mul(t.lt(2).cast('float32'))));
    const farthest = async (unsignedZero: boolean) => {
      const { w } = await trajectory(adam8bit({ lr: 0.1, ...small, unsignedZero }), { w0: [1, 1], loss, steps: 2 });
      return Math.abs(w[1][1] - w[0][1]);
    };
    expect(await farthest(true)).toBeGreaterThan(10);
    expect(await farthest(false)).toBeLessThan(0.2);
  });

  test('the error of the dynamic map is a sixth of that of the linear one, or less', () => {
    // Log-normal numbers, as second moments are.
    let seed = 1;
    const uniform = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const numbers = Array.from({ length: 2048 }, () =>
      Math.exp(3 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())),
    );
    const least = 1e-6 * Math.max(...numbers);
    const error = (book: Codebook) => {
      const { back } = roundTrip(numbers, book);
      const errors = numbers.flatMap((x, i) => (x > least ? [Math.abs(back[i] - x) / x] : []));
      return errors.reduce((a, b) => a + b, 0) / errors.length;
    };
    expect(error(dynamicMap(false))).toBeLessThan(0.15);
    expect(error(linearMap(false))).toBeGreaterThan(0.5);
  });

  test('a gradient that is not finite is not hidden', async () => {
    const loss = ({ w }: LossPoint) => w.flat.sub(1).log().sum();
    const { w } = await trajectory(adam8bit(small), { w0: [1, 2], loss, steps: 2 });
    expect(Number.isFinite(w[1][0])).toBe(false);
  });

  test('zero gradients and extreme scales give finite numbers', async () => {
    for (const scale of [0, 1e30, 1e-30]) {
      const loss = (point: LossPoint) => commonLoss(point).mul(scale);
      const { w } = await trajectory(adam8bit(small), { ...setup, loss });
      expect(w.flat().every(Number.isFinite)).toBe(true);
    }
  });
});

describe('training with 8-bit moments', () => {
  const runtime = createRuntime({ engine: 'auto', threads: 1 });
  const optimizer = adam8bit({ lr: 0.01, minSize: 16, blockSize: 8 });
  const common = { task: noisyTask(), optimizer, steps: 12, runtime };

  test('a checkpoint holds the codes as bytes, and a run that stopped goes on to the last bit', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'thalweg-adam8bit-'));
    try {
      const stop = new AbortController();
      const hooks = { onStep: ({ step }: { step: number }) => step === 7 && stop.abort() };
      const checkpoint = { directory, every: 7 };
      await train({ ...common, checkpoint, hooks, signal: stop.signal });
      const [file] = (await readdir(directory)).filter((name) => name.endsWith('.safetensors'));
      const saved = decodeSafetensors(await readFile(join(directory, file)));
      const codes = Object.entries(saved).filter(([name]) => name.endsWith('.codes'));
      expect(codes.length).toBeGreaterThanOrEqual(4);
      for (const [, { data }] of codes) expect(data).toBeInstanceOf(Uint8Array);
      expect(codes.some(([, { data }]) => data.some((code) => code > 0))).toBe(true);

      const resumed = await train({ ...common, checkpoint });
      const whole = await train(common);
      expect(resumed.steps).toBe(12);
      expect(resumed.parameters).toEqual(whole.parameters);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('a sweep over learning rates trains what single runs train', async () => {
    const settings = [{ lr: 0.01 }, { lr: 0.03 }];
    const trials = await sweep({ ...common, settings });
    for (const [i, values] of settings.entries()) {
      const alone = await train({ ...common, optimizer: optimizer.with(values) });
      // A code may differ where float32 rounds a sum otherwise: one step of the map, a few percent of a moment.
      for (const { step, loss } of alone.trainLoss) expect(trials[i].trainLoss[step - 1].loss).toBeCloseTo(loss, 2);
    }
  });
});
