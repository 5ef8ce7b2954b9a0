import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComputeName } from '../../tensor/attrs.ts';
import { concat, eigh, orthonormalize, parameter } from '../../tensor/functions.ts';
import type { Graph } from '../../tensor/graph.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import { caseInputs, opCases } from '../../testing/op-cases.ts';
import { filled, runOnce, spread, testEngine } from '../../testing/wasm.ts';
import type { Engine, EngineName } from '../engine.ts';
import { Heap, type HeapBuffer } from '../heap.ts';
import { createRuntime } from '../runtime.ts';
import { createWasmEngine } from './index.ts';
import { plan } from './plan.ts';

/** Every kernel that can be shared is, however small. */
const eager = 1e-6;
const threaded = (threads: number, taskTime: number): Engine =>
  createWasmEngine(new Heap({ shared: true }), { threads, taskTime });

const alone = testEngine();
const [two, three] = [threaded(2, eager), threaded(3, eager)];

/** The same numbers, to the last bit, whatever the number of threads. */
async function expectSame(
  graph: Graph,
  numbers: readonly (readonly number[])[],
  engines = [two, three],
): Promise<void> {
  const expected = await runOnce(alone, graph, numbers);
  for (const engine of engines) {
    const actual = await runOnce(engine, graph, numbers);
    expected.forEach((one, i) => {
      expect(one.length).toBe(actual[i].length);
      expect(one.findIndex((x, k) => !Object.is(x, actual[i][k]))).toBe(-1);
    });
  }
}

describe('several threads find what one finds, to the last bit', () => {
  it.each(Object.keys(opCases) as ComputeName[])('%s', async (op) => {
    for (const one of opCases[op]) {
      const inputs = one.inputs.map(({ shape, dtype }, i) => parameter(`x${i}`, shape, dtype));
      await expectSame({ inputs, outputs: [one.build(...inputs)] }, caseInputs(one));
    }
  });

  it('matrix products of any size, strides and batch', async () => {
    const size = fc.integer({ min: 1, max: 150 });
    const batch = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(size, size, size, batch, fc.boolean(), fc.boolean(), async (m, n, k, batch, left, right) => {
        const a = parameter('a', [...batch, ...(left ? [k, m] : [m, k])]);
        const b = parameter('b', right ? [n, k] : [k, n]);
        const outputs = [a.matmul(b, { transposeA: left, transposeB: right })];
        await expectSame({ inputs: [a, b], outputs }, [spread(a.size), spread(b.size)]);
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('flat tensors of segments, which are cut within segments but for their sums', async () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 100, max: 900 })), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 3 }), async (sizes, rows) => {
        const total = sizes.reduce((sum, n) => sum + n, 0);
        for (const lead of [[], [rows]]) {
          const x = parameter('x', [...lead, total]);
          const scale = parameter('scale', [...lead, sizes.length]);
          const spreadOut = (one: Tensor): Tensor => apply('segmentBroadcast', [one], { sizes });
          const sums = apply('segmentSum', [x.square()], { sizes });
          const outputs = [x.mul(spreadOut(scale)).add(1), sums, x.div(spreadOut(sums.add(1)))];
          await expectSame({ inputs: [x, scale], outputs }, [spread(x.size), spread(scale.size)]);
        }
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  it('decompositions, of which those that read no other are one kernel', async () => {
    const [a, b, c] = [parameter('a', [3, 7, 7]), parameter('b', [30, 30]), parameter('c', [2, 20, 9], 'float64')];
    const { values, vectors } = eigh(b);
    const graph = { inputs: [a, b, c], outputs: [eigh(a).values, values, orthonormalize(c), orthonormalize(vectors)] };
    const kernels = plan(graph, { threads: 2, taskTime: eager }).kernels.filter(
      ({ kind }) => kind === 'decompositions',
    );
    expect(kernels.map(({ split }) => split?.items)).toEqual([6, undefined]);
    const numbers = graph.inputs.map(({ size }, i) => spread(size, i + 2));
    for (let i = 0; i < 10; i++) await expectSame(graph, numbers);
  });

  it('programs above the threshold, updated in place, before and after the memory has grown', async () => {
    const n = 300_007;
    const [w, g] = [parameter('w', [n]), parameter('g', [n])];
    const next = w.mul(0.9).add(g.square().sqrt().mul(0.1)).tanh();
    const m = w.slice([0], [250_000]).reshape([500, 500]);
    const graph: Graph = { inputs: [w, g], outputs: [next, concat([m.sum(0), m.max(1)]), m.matmul(m)] };
    const threads = 2;
    const shared = plan(graph, { threads, taskTime: 20_000 }).kernels.filter(({ split }) => split !== null);
    expect(shared.length).toBeGreaterThanOrEqual(2);
    const finals = [];
    for (const engine of [alone, threaded(threads, 20_000)]) {
      const executable = await engine.compile(graph);
      const from = [filled(engine, w, spread(n)), filled(engine, g, spread(n, 3))];
      const rest = graph.outputs.slice(1).map(({ shape, dtype }) => engine.allocate(shape, dtype));
      const call = executable.bind(from, [from[0], ...rest]);
      for (let i = 0; i < 20; i++) call();
      const late = engine.allocate([1 << 22], 'float32') as HeapBuffer; // beyond what threads have seen of the memory
      executable.bind(from, [late.part(0, [n]), ...rest])();
      await new Promise((done) => setTimeout(done, 100)); // by now the threads run, whatever the machine
      for (let i = 0; i < 50; i++) call();
      finals.push([from[0], ...rest].map(({ data }) => data.slice()));
    }
    expect(finals[1]).toEqual(finals[0]);
  });
});

it('throws for indices out of bounds as one thread does', async () => {
  const x = parameter('x', [5]);
  const index = parameter('index', [2], 'int32');
  const graph = { inputs: [x, index], outputs: [x.gather(index).add(1)] };
  await expect(runOnce(three, graph, [spread(5), [0, 5]])).rejects.toThrow(/gather: index 5/);
  await expectSame(graph, [spread(5), [0, 4]]);
});

it('shares nothing with one thread, or in memory of its own', () => {
  const x = parameter('x', [1 << 20]);
  const kernels = plan({ inputs: [x], outputs: [x.tanh()] }).kernels;
  expect(kernels.map(({ split }) => split)).toEqual([null]);
});

it.each([
  ['ends', 'computed 0.762 with 2 threads beside\n'],
  ['drops them', 'computed 0.762 with 2 threads beside\nno threads left\n'],
])('threads end when the process that made them %s', async (how, expected) => {
  const script = fileURLToPath(new URL('../../../tests/threaded-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, how], { timeout: 25_000 });
  expect(stdout).toBe(expected);
});

describe('a runtime', () => {
  const canShare = Number.parseInt(process.versions.node, 10) >= 24;
  const memoryOf = (engine: EngineName, threads: number): unknown =>
    createRuntime({ engine, threads }).engine.allocate([1], 'float32').data.buffer;

  it('shares its memory when it has several threads and every engine takes that', () => {
    expect(memoryOf('wasm', 2)).toBeInstanceOf(SharedArrayBuffer);
    for (const engine of ['auto', 'onnx'] as const) {
      expect(memoryOf(engine, 2)).toBeInstanceOf(canShare ? SharedArrayBuffer : ArrayBuffer);
    }
    for (const engine of ['auto', 'onnx', 'wasm'] as const) expect(memoryOf(engine, 1)).toBeInstanceOf(ArrayBuffer);
  });

  it('has ONNX Runtime write into shared memory, also after it has grown', async () => {
    const { engine } = createRuntime({ engine: 'onnx', threads: 2 });
    const x = parameter('x', [200, 200]); // large enough for results that are not copied
    const graph = { inputs: [x], outputs: [x.matmul(x), x.add(1)] };
    const executable = await engine.compile(graph);
    const from = filled(engine, x, spread(x.size));
    const to = graph.outputs.map(({ shape, dtype }) => engine.allocate(shape, dtype));
    const call = executable.bind([from], to);
    const expected = await runOnce(alone, graph, [spread(x.size)]);
    for (let repeat = 0; repeat < 2; repeat++) {
      await call();
      expect(to.every(({ data }, i) => data.every((y, k) => Math.abs(y - expected[i][k]) < 1e-4))).toBe(true);
      engine.allocate([1 << 22], 'float32');
      for (const { data } of to) data.fill(0);
    }
  });
});

describe('without fused multiply-add', () => {
  const plain = createWasmEngine(new Heap(), { madd: false });
  it('products are the same but for rounding', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const [a, b] = [parameter('a', [33, 70], dtype), parameter('b', [70, 45], dtype)];
      const graph = { inputs: [a, b], outputs: [a.matmul(b)] };
      const numbers = [spread(a.size), spread(b.size)];
      const [[rounded], [fused]] = [await runOnce(plain, graph, numbers), await runOnce(alone, graph, numbers)];
      const tolerance = dtype === 'float32' ? 1e-5 : 1e-13;
      expect(rounded.every((x, i) => Math.abs(x - fused[i]) < tolerance * 10)).toBe(true);
    }
  });
});
