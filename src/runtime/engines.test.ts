import { beforeAll, describe, expect, it } from 'vitest';
import type { ComputeName } from '../tensor/attrs.ts';
import { isFloat } from '../tensor/dtype.ts';
import { concat, constant, parameter, scalar } from '../tensor/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { OpCase } from '../testing/op-case.ts';
import { caseInputs, opCases } from '../testing/op-cases.ts';
import { createAutoEngine } from './auto/index.ts';
import { type Buffer, type Engine, EngineError, type TypedArray } from './engine.ts';
import { Heap } from './heap.ts';
import { evaluate, referenceEngine } from './reference/index.ts';

/** What an engine says it cannot run: op, and which of its cases (all unless named), and words of the reason it must give. */
type Refusals = { readonly [K in ComputeName]?: { readonly cases?: RegExp; readonly reason: RegExp } };

interface Candidate {
  readonly name: string;
  readonly create: (heap: Heap) => Promise<Engine>;
  readonly refusals: Refusals;
  /** Ops that drop a NaN where the reference keeps it: known faults of the engine's own kernels. */
  readonly hidesNaN?: readonly string[];
}

const candidates: readonly Candidate[] = [
  { name: 'reference', create: async () => referenceEngine, refusals: {} },
  {
    name: 'onnx',
    create: async (heap) => (await import('./onnx/index.ts')).createOnnxEngine(heap),
    refusals: { eigh: { reason: /eigh/ }, qr: { reason: /QR/ } },
    hidesNaN: ['max', 'min'], // ReduceMax and ReduceMin of ONNX Runtime's CPU provider compare with >, which NaN never wins
  },
  {
    name: 'wasm',
    create: async (heap) => (await import('./wasm/index.ts')).createWasmEngine(heap),
    refusals: {},
  },
  {
    name: 'wasm (without fused multiply-add)',
    create: async (heap) => (await import('./wasm/index.ts')).createWasmEngine(heap, { madd: false }),
    refusals: {},
  },
  {
    name: 'auto',
    create: async () => (await import('./runtime.ts')).createRuntime({ engine: 'auto' }).engine,
    refusals: {},
  },
  {
    // The cases are small, so `auto` runs them on wasm alone: here they are cut into stages all the same.
    name: 'auto, always split',
    create: async (heap) => {
      const onnx = (await import('./onnx/index.ts')).createOnnxEngine(heap, { threads: 1 });
      const wasm = (await import('./wasm/index.ts')).createWasmEngine(heap);
      return createAutoEngine(heap, { onnx: async () => onnx, wasm: async () => wasm }, () => false);
    },
    refusals: {},
  },
  {
    // ... and here all that wasm can fuse goes there.
    name: 'auto, split at every chance',
    create: async (heap) => {
      const onnx = (await import('./onnx/index.ts')).createOnnxEngine(heap, { threads: 1 });
      const wasm = (await import('./wasm/index.ts')).createWasmEngine(heap);
      const native = { onnx: async () => onnx, wasm: async () => wasm };
      return createAutoEngine(heap, native, () => false, Number.NEGATIVE_INFINITY);
    },
    refusals: {},
  },
];

/** Ops whose every result element comes from one element of each input: judged element by element too. */
const elementwise = new Set<string>([
  ...['neg', 'abs', 'sign', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'relu'],
  ...['floor', 'ceil', 'round', 'add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'where', 'cast'],
]);

const leavesOf = ({ inputs }: OpCase): Tensor<'parameter'>[] =>
  inputs.map(({ shape, dtype }, i) => parameter(`input${i}`, shape, dtype));

/** Compiles, binds fresh buffers, calls once. */
async function run(
  engine: Engine,
  inputs: readonly Tensor<'parameter'>[],
  outputs: readonly Tensor[],
  numbers: readonly (readonly number[])[],
): Promise<TypedArray[]> {
  const executable = await engine.compile({ inputs, outputs });
  const from = inputs.map((input, i) => filled(engine, input, numbers[i]));
  const to = outputs.map(({ shape, dtype }) => engine.allocate(shape, dtype));
  await executable.bind(from, to)();
  return to.map((buffer) => buffer.data.slice());
}

function filled(engine: Engine, { shape, dtype }: Tensor, numbers: readonly number[]): Buffer {
  const buffer = engine.allocate(shape, dtype);
  buffer.data.set(numbers);
  return buffer;
}

/** A number past the range of float32 is infinite on the engines that hold it as one. */
const inFloat32 = (x: number): number => (Number.isFinite(x) ? Math.fround(x) : x);

/** Compares with the reference: integers exactly, floats relative to the largest finite magnitude. */
function expectClose(actual: TypedArray, node: Tensor, reference: TypedArray, tolerance: number, each: boolean): void {
  expect(actual.length).toBe(reference.length);
  const single = node.dtype === 'float32';
  const wanted = Array.from(reference, single ? inFloat32 : Number);
  const scale = wanted.reduce((top, x) => (Number.isFinite(x) ? Math.max(top, Math.abs(x)) : top), 0);
  const problems: string[] = [];
  wanted.forEach((x, i) => {
    const y = actual[i];
    const error = Math.abs(x - y);
    const allowed = !isFloat(node.dtype) ? 0 : tolerance * scale;
    // Small elements beside large ones: no more than 1e-4 of themselves, down to where float32 arguments round.
    const allowedHere = each ? Math.min(allowed, 1e-4 * Math.abs(x) + 1e-6 * Math.min(1, scale)) : allowed;
    const fine = Object.is(x, y) || x === y || error <= allowedHere;
    if (!fine) problems.push(`[${i}] is ${y}, should be ${x}`);
  });
  expect(problems.slice(0, 5), `${problems.length} of ${wanted.length} elements differ`).toEqual([]);
}

describe.each(candidates)('the $name engine', ({ name, create, refusals, hidesNaN = [] }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create(new Heap());
  });

  for (const op of Object.keys(opCases) as ComputeName[]) {
    describe(op, () => {
      for (const one of opCases[op]) {
        const refusal = refusals[op];
        const refused = refusal && (refusal.cases?.test(one.name) ?? true);
        const title = refused ? `refuses ${one.name}` : one.name;
        it(title, async () => {
          const inputs = leavesOf(one);
          const output = one.build(...inputs);
          const numbers = caseInputs(one);
          const result = run(engine, inputs, [output], numbers);
          if (refused) {
            const error: unknown = await result.then(
              () => 'it ran',
              (reason: unknown) => reason,
            );
            expect(error).toBeInstanceOf(EngineError);
            expect(String(error)).toMatch(refusal.reason);
            return;
          }
          const [actual] = await result;
          const [reference] = evaluate([output], new Map(inputs.map((input, i) => [input, numbers[i]])));
          // A float64 result is asked for because float32 is not enough.
          const tolerance = output.dtype === 'float64' ? 1e-12 : (one.tolerance ?? 1e-5);
          expectClose(actual, output, reference.data, tolerance, elementwise.has(op));
        });
      }
    });
  }

  it('has a reason for every refusal it is said to give', () => {
    for (const [op, refusal] of Object.entries(refusals)) {
      const cases = opCases[op as ComputeName];
      expect(
        cases.some((one) => refusal.cases?.test(one.name) ?? true),
        `${name} refuses no case of ${op}`,
      ).toBe(true);
    }
  });

  describe('keeps NaN visible', () => {
    const x = parameter('x', [9]);
    const other = parameter('other', [9]);
    const ops: Record<string, Tensor> = {
      relu: x.relu(),
      abs: x.abs(),
      sign: x.sign(),
      sqrt: x.sqrt(),
      exp: x.exp(),
      tanh: x.tanh(),
      sigmoid: x.sigmoid(),
      max: x.max(),
      min: x.min(),
      'maximum, left': x.maximum(other),
      'maximum, right': other.maximum(x),
      'minimum, left': x.minimum(other),
      'minimum, right': other.minimum(x),
      clip: x.clip(-1, 1),
      softmax: x.softmax(),
    };
    it.each(Object.keys(ops))('%s', async (op) => {
      const numbers = [1, 2, Number.NaN, 4, 5, 6, 7, 8, 9];
      const [actual] = await run(engine, [x, other], [ops[op]], [numbers, [9, 8, 7, 6, 5, 4, 3, 2, 1]]);
      expect(Number.isNaN(actual[actual.length === 1 ? 0 : 2])).toBe(!hidesNaN.includes(op));
    });
  });

  describe('reads every input as it was before the call', () => {
    const [a, b] = [parameter('a', [4, 4]), parameter('b', [4, 4])];
    const before = [Array.from({ length: 16 }, (_, i) => i - 5), Array.from({ length: 16 }, (_, i) => (i * 7) % 5)];
    const updates: Record<string, [Tensor, Tensor]> = {
      'element-wise': [b.add(1), a.mul(2)],
      'a matrix product': [a.matmul(b), b.matmul(a)],
      'a transpose': [a.transpose(), b.transpose()],
      'a reduction': [a.sub(a.sum(0)), b.sub(a.max())],
      'a swap': [b, a],
      'one of them unchanged': [a, b.add(a)],
      'a shifted copy': [concat([a.slice([1, 0], [4, 4]), a.slice([0, 0], [1, 4])]), b.flip([0, 1])],
    };
    it.each(Object.keys(updates))('%s, written over the inputs', async (name) => {
      const outputs = updates[name];
      const executable = await engine.compile({ inputs: [a, b], outputs });
      const buffers = [a, b].map((input, i) => filled(engine, input, before[i]));
      const call = executable.bind(buffers, buffers);
      let expected = before;
      for (let repeat = 0; repeat < 2; repeat++) {
        await call();
        const values = new Map([a, b].map((input, i) => [input, expected[i]]));
        expected = evaluate(outputs, values).map(({ data }) => Array.from(data));
        buffers.forEach((buffer, i) => {
          expectClose(buffer.data, outputs[i], Float64Array.from(expected[i]), 1e-5, false);
        });
      }
    });
  });

  it('answers several outputs, among them constants, inputs and one tensor twice', async () => {
    const x = parameter('x', [5]);
    const y = x.exp();
    const outputs = [y, y.sum(), x, constant([1, 2, 3]), y, scalar(2).mul(3), parameterless()];
    const numbers = [0, 0.5, -1, 2, 1];
    const actual = await run(engine, [x], outputs, [numbers]);
    const expected = evaluate(outputs, new Map([[x, numbers]]));
    for (const [i, output] of outputs.entries()) expectClose(actual[i], output, expected[i].data, 1e-5, false);
  });

  it('takes inputs that no output needs', async () => {
    const [x, unused] = [parameter('x', [3]), parameter('unused', [2, 2])];
    const [actual] = await run(engine, [x, unused], [x.mul(2)], [[1, 2, 3], [4, 5, 6, 7]]); // biome-ignore format: one line
    expect([...actual]).toEqual([2, 4, 6]);
  });

  it('binds one executable to several buffers, and compiles the same structure again', async () => {
    const double = (): [Tensor<'parameter'>, Tensor] => {
      const x = parameter('x', [3]);
      return [x, x.mul(2)];
    };
    const [first, second] = [double(), double()];
    const executable = await engine.compile({ inputs: [first[0]], outputs: [first[1]] });
    const again = await engine.compile({ inputs: [second[0]], outputs: [second[1]] });
    const buffers = [[1, 2, 3], [4, 5, 6], [7, 8, 9]].map((numbers) => filled(engine, first[0], numbers)); // biome-ignore format: one line
    await executable.bind([buffers[0]], [buffers[1]])();
    await again.bind([buffers[1]], [buffers[2]])();
    expect(buffers.map(({ data }) => [...data])).toEqual([[1, 2, 3], [2, 4, 6], [4, 8, 12]]); // biome-ignore format: one line
  });

  it('tells constants apart when the structure is the same', async () => {
    const x = parameter('x', [2]);
    for (const factor of [2, 3]) {
      const [actual] = await run(engine, [x], [x.mul(factor)], [[1, 10]]);
      expect([...actual]).toEqual([factor, 10 * factor]);
    }
  });

  it('finds its buffers after the memory has grown and moved', async () => {
    const x = parameter('x', [4, 4]);
    const outputs = [x.matmul(x), x.add(1)];
    const executable = await engine.compile({ inputs: [x], outputs });
    const from = filled(engine, x, new Array(16).fill(0.5));
    const to = outputs.map(({ shape, dtype }) => engine.allocate(shape, dtype));
    const call = executable.bind([from], to);
    await call();
    const big = engine.allocate([4 << 20], 'float32');
    from.data.fill(2);
    await call();
    expect([...to[0].data]).toEqual(new Array(16).fill(16));
    expect([...to[1].data]).toEqual(new Array(16).fill(3));
    expect(big.data.every((value) => value === 0)).toBe(true);
  });
});

const parameterless = (): Tensor => constant([[1, 2], [3, 4]]).matmul(constant([[1], [1]])); // biome-ignore format: one line
