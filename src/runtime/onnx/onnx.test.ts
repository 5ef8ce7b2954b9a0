import { beforeAll, describe, expect, it } from 'vitest';
import { eigh, parameter, scalar, scatterAdd } from '../../tensor/index.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import { type Buffer, EngineError, type Executable } from '../engine.ts';
import { Heap } from '../heap.ts';
import { evaluate } from '../reference/index.ts';
import { createOnnxEngine } from './index.ts';

const heap = new Heap();
const engine = createOnnxEngine(heap, { threads: 2 });
const { random } = Math;

const buffer = (shape: readonly number[], numbers: ArrayLike<number>, dtype: Buffer['dtype'] = 'float32'): Buffer => {
  const made = engine.allocate(shape, dtype);
  made.data.set(numbers);
  return made;
};

const numbersOf = ({ data }: Buffer): number[] => Array.from(data);

describe('the onnx engine', () => {
  const x = parameter('x', [3]);
  const y = parameter('y', [3]);

  it('compiles one structure once', async () => {
    const twice = () => {
      const p = parameter('any name', [5]);
      return engine.compile({ inputs: [p], outputs: [p.exp().mul(2)] });
    };
    expect(await twice()).toBe(await twice());
  });

  it('reads every input as it was before the call when outputs lie over inputs', async () => {
    const executable = await engine.compile({ inputs: [x, y], outputs: [x.add(y), x.sub(y)] });
    const [a, b] = [buffer([3], [1, 2, 3]), buffer([3], [10, 20, 30])];
    const call = executable.bind([a, b], [b, a]);
    await call();
    expect([numbersOf(a), numbersOf(b)]).toEqual([
      [-9, -18, -27],
      [11, 22, 33],
    ]);
    await call();
    expect([numbersOf(a), numbersOf(b)]).toEqual([
      [-20, -40, -60],
      [2, 4, 6],
    ]);
  });

  it('multiplies a product and what is added by their factors, and hides no NaN behind a factor of 0', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => parameter(name, [2, 2]));
    const outputs = [a.matmul(b).mul(0.5).add(c.mul(-3)), c.mul(0).add(a.matmul(b).mul(0.25))];
    const executable = await engine.compile({ inputs: [a, b, c], outputs });
    const given = [buffer([2, 2], [1, 2, 3, 4]), buffer([2, 2], [2, 0, 0, 4]), buffer([2, 2], [1, 2, 3, Number.NaN])];
    const to = [engine.allocate([2, 2], 'float32'), engine.allocate([2, 2], 'float32')];
    await executable.bind(given, to)();
    expect(to.map(numbersOf)).toEqual([
      [-2, -2, -6, Number.NaN],
      [0.5, 2, 1.5, Number.NaN],
    ]);
  });

  it('writes large results in place, without copies of them', async () => {
    const n = 1 << 20;
    const [large, scale] = [parameter('large', [n]), parameter('scale', [])];
    const executable = await engine.compile({ inputs: [large, scale], outputs: [large.mul(scale), large.add(scale)] });
    const given = [buffer([n], new Float32Array(n).fill(3)), buffer([], [2])];
    const to = [engine.allocate([n], 'float32'), engine.allocate([n], 'float32')];
    const call = executable.bind(given, to);
    const { arrayBuffers } = process.memoryUsage();
    for (let i = 0; i < 3; i++) await call();
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(4 * n);
    expect([to[0].data[n - 1], to[1].data[n - 1]]).toEqual([6, 5]);
  });

  it('handles an output that overlaps part of an input', async () => {
    const whole = heap.allocate([5], 'float32');
    whole.data.set([1, 2, 3, 4, 5]);
    const executable = await engine.compile({ inputs: [x], outputs: [x.mul(10)] });
    await executable.bind([whole.part(0, [3])], [whole.part(1, [3])])();
    expect(numbersOf(whole)).toEqual([1, 10, 20, 30, 5]);
  });

  it('answers inputs, reshaped inputs, constants and one node twice', async () => {
    const sum = x.add(1);
    const outputs = [x, x.reshape([3, 1]), sum, sum, sum.reshape([1, 3]), scalar(7), scalar(7)];
    const executable = await engine.compile({ inputs: [x, y], outputs });
    const to = outputs.map(({ shape, dtype }) => engine.allocate(shape, dtype));
    await executable.bind([buffer([3], [1, 2, 3]), buffer([3], [0, 0, 0])], to)();
    expect(to.map(numbersOf)).toEqual([[1, 2, 3], [1, 2, 3], [2, 3, 4], [2, 3, 4], [2, 3, 4], [7], [7]]);
  });

  it('follows its buffers when the heap moves', async () => {
    const small = new Heap();
    const other = createOnnxEngine(small);
    const executable = await other.compile({ inputs: [x], outputs: [x.mul(2)] });
    const [from, to] = [other.allocate([3], 'float32'), other.allocate([3], 'float32')];
    const call = executable.bind([from], [to]);
    from.data.set([1, 2, 3]);
    await call();
    const before = small.generation;
    small.allocate([1 << 20], 'float32');
    expect(small.generation).not.toBe(before);
    from.data.set([4, 5, 6]);
    await call();
    expect(numbersOf(to)).toEqual([8, 10, 12]);
  });

  it('takes buffers that are no part of its heap', async () => {
    const executable = await engine.compile({ inputs: [x], outputs: [x.neg()] });
    const [from, to] = [Float32Array.of(1, 2, 3), new Float32Array(3)];
    const plain = (data: Float32Array): Buffer => ({ shape: [3], dtype: 'float32', data });
    await executable.bind([plain(from)], [plain(to)])();
    expect([...to]).toEqual([-1, -2, -3]);
  });

  it('runs graphs over empty tensors', async () => {
    const none = parameter('none', [0, 4]);
    const outputs = [none.exp(), none.sum(0), none.sum()];
    const executable = await engine.compile({ inputs: [none], outputs });
    const to = outputs.map(({ shape }) => buffer(shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(9)));
    await executable.bind([engine.allocate([0, 4], 'float32')], to)();
    expect(to.map(numbersOf)).toEqual([[], [0, 0, 0, 0], [0]]);
    const nothing = await engine.compile({ inputs: [none], outputs: [none.neg()] });
    await nothing.bind([engine.allocate([0, 4], 'float32')], [engine.allocate([0, 4], 'float32')])();
  });

  it('names the op it lacks and why', async () => {
    const a = parameter('a', [3, 3]);
    await expect(engine.compile({ inputs: [a], outputs: [eigh(a).values] })).rejects.toThrow(EngineError);
    await expect(engine.compile({ inputs: [a], outputs: [eigh(a).values] })).rejects.toThrow(/eigh.*eigenvalue/);
  });

  describe('refuses', () => {
    let executable: Executable;
    beforeAll(async () => {
      executable = await engine.compile({ inputs: [x], outputs: [x.mul(3)] });
    });
    const good = () => engine.allocate([3], 'float32');

    it('buffers of another count, shape or dtype', () => {
      expect(() => executable.bind([], [good()])).toThrow('1 inputs, but 0 buffers');
      expect(() => executable.bind([good()], [engine.allocate([4], 'float32')])).toThrow('output 0 is float32[3]');
      expect(() => executable.bind([engine.allocate([3], 'int32')], [good()])).toThrow('its buffer int32[3]');
    });
  });

  // ONNX Runtime's own ScatterND loses updates here when left to its threads.
  for (const [rows, width] of [
    [8192, 128],
    [1 << 19, 1],
  ]) {
    it(`adds repeated indices of large scatters exactly, rows of ${width}`, async () => {
      const size = 3;
      const indices = parameter('indices', [rows], 'int32');
      const updates = parameter('updates', [rows, width]);
      const outputs = [scatterAdd(indices, updates, { size })];
      const executable = await engine.compile({ inputs: [indices, updates], outputs });
      const places = Array.from({ length: rows }, () => Math.floor(random() * size));
      const from = [buffer([rows], places, 'int32'), buffer([rows, width], new Float32Array(rows * width).fill(1))];
      const to = engine.allocate([size, width], 'float32');
      const call = executable.bind(from, [to]);
      for (let repeat = 0; repeat < 10; repeat++) {
        await call();
        for (let place = 0; place < size; place++) {
          const count = places.filter((p) => p === place).length;
          expect(new Set(to.data.subarray(place * width, (place + 1) * width))).toEqual(new Set([count]));
        }
      }
    });
  }
});

describe('accuracy', () => {
  const resultOf = async (build: (x: Tensor) => Tensor, numbers: readonly number[]): Promise<number[]> => {
    const input = parameter('x', [numbers.length]);
    const output = build(input);
    const to = engine.allocate(output.shape, output.dtype);
    await (await engine.compile({ inputs: [input], outputs: [output] })).bind(
      [buffer([numbers.length], numbers)],
      [to],
    )();
    return numbersOf(to);
  };

  it('of log1p and expm1 holds at the ends of their domains', async () => {
    const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;
    expect(await resultOf((x) => x.log1p(), [-1, infinity, -2, nan, 0])).toEqual([-infinity, infinity, nan, nan, 0]);
    expect(await resultOf((x) => x.expm1(), [-infinity, infinity, nan, 0])).toEqual([-1, infinity, nan, 0]);
  });
});

describe('the gradient of a convolution kernel', () => {
  // The cases of every op have few channels; many take another path.
  for (const [channels, out, groups] of [
    [8, 4, 1],
    [16, 6, 2],
    [9, 5, 1],
  ]) {
    it(`agrees with the reference for ${channels} channels in ${groups} group(s)`, async () => {
      const geometry = {
        stride: [2, 1],
        padding: [
          [1, 0],
          [1, 2],
        ],
        dilation: [1, 2],
        groups,
        kernelSize: [3, 2],
      } as const;
      const x = parameter('x', [3, channels, 7, 6]);
      const dy = parameter('dy', [3, out, 3, 7]);
      const gradient = apply('conv2dKernelGrad', [x, dy], geometry);
      const numbers = [x, dy].map(({ size }) => Float32Array.from({ length: size }, () => random() - 0.5));
      const [wanted] = evaluate(
        [gradient],
        new Map<Tensor, Float32Array>([
          [x, numbers[0]],
          [dy, numbers[1]],
        ]),
      );
      const to = engine.allocate(gradient.shape, gradient.dtype);
      const executable = await engine.compile({ inputs: [x, dy], outputs: [gradient] });
      await executable.bind([buffer(x.shape, numbers[0]), buffer(dy.shape, numbers[1])], [to])();
      for (const [i, number] of wanted.data.entries()) expect(to.data[i]).toBeCloseTo(number, 5);
    });
  }
});
