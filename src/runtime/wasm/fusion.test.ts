import { describe, expect, it } from 'vitest';
import { concat, parameter, scatterAdd } from '../../tensor/functions.ts';
import type { Graph } from '../../tensor/graph.ts';
import { apply, scalar, type Tensor } from '../../tensor/tensor.ts';
import { filled, float32, float64, reference, runOnce, spread, testEngine } from '../../testing/wasm.ts';
import type { TypedArray } from '../engine.ts';
import type { HeapBuffer } from '../heap.ts';
import { plan } from './index.ts';
import type { Kernel } from './kernel.ts';

const one = scalar(1, 'float64');

function expectNear(actual: TypedArray, expected: TypedArray): void {
  const far = Array.from(expected).filter((x, i) => !(Math.abs(actual[i] - x) < 1e-5 * Math.abs(x) + 1e-7));
  expect(far).toEqual([]);
}

/** Adam over one flat buffer, with bias correction computed from t. */
function adam(n: number): Graph {
  const [w, g, m, v] = ['w', 'g', 'm', 'v'].map((name) => float32(name, n));
  const [lr, beta1, beta2, eps, t] = ['lr', 'beta1', 'beta2', 'eps', 't'].map(float64);
  const ema = (state: Tensor, x: Tensor, beta: Tensor): Tensor => state.mul(beta).add(x.mul(one.sub(beta)));
  const [m2, v2] = [ema(m, g, beta1), ema(v, g.square(), beta2)];
  const debias = (state: Tensor, beta: Tensor): Tensor => state.div(one.sub(beta.pow(t)));
  const step = debias(m2, beta1).div(debias(v2, beta2).sqrt().add(eps));
  return { inputs: [w, g, m, v, lr, beta1, beta2, eps, t], outputs: [w.sub(step.mul(lr)), m2, v2] };
}
const adamHyper = [[1e-3], [0.9], [0.999], [1e-8], [3]];

/** Iteration space of each kernel; other kernels by name. */
const shapes = (kernels: readonly Kernel[]): unknown[] =>
  kernels.map((kernel) => {
    if (kernel.kind === 'loop') return kernel.dims.reduce((a, b) => a * b, 1);
    return kernel.kind === 'decompositions' ? kernel.kind : kernel.value.kind;
  });

describe('fusion', () => {
  it('makes one scalar and one vector kernel of an Adam update', () => {
    const { kernels, scratchBytes } = plan(adam(1000));
    expect(shapes(kernels)).toEqual([1, 1000]);
    const [, update] = kernels;
    if (update.kind !== 'loop') throw new Error('a loop is expected');
    expect(update.stores.length).toBe(3);
    expect(update.loads.filter(({ strides }) => strides[0] === 1).length).toBe(4); // w, g, m, v once each
    expect(scratchBytes).toBeLessThan(1000); // scalars only
  });

  it('reads once for several reductions and never stores what they reduce', () => {
    const [w, g] = [float32('w', 4096), float32('g', 4096)];
    const { kernels, scratchBytes } = plan({
      inputs: [w, g],
      outputs: [g.square().sum(), w.mul(g).sum(), w.abs().max()],
    });
    expect(shapes(kernels)).toEqual([4096]);
    expect(scratchBytes).toBe(0);
  });

  it('keeps a shape change between element-wise ops in registers', () => {
    const x = float32('x', 6, 10);
    const y = x
      .exp()
      .reshape([3, 20])
      .mul(2)
      .reshape([60])
      .add(x.reshape([60]));
    expect(shapes(plan({ inputs: [x], outputs: [y] }).kernels)).toEqual([60]);
  });

  it('reads transposes, slices, flips and broadcasts in place', () => {
    const x = float32('x', 8, 6);
    const y = x.transpose().slice([1, 2], [5, 8]).flip(0).add(float32('row', 6));
    expect(
      shapes(
        plan({ inputs: [x, ...y.inputs.filter((n): n is Tensor<'parameter'> => n.is('parameter'))], outputs: [y] })
          .kernels,
      ),
    ).toEqual([24]);
  });

  it('scales segments of a flat buffer in the same pass', async () => {
    const sizes = [5, 16, 1, 33];
    const [w, g, decay] = [float32('w', 55), float32('g', 55), float32('decay', 4)];
    const each = apply('segmentBroadcast', [decay], { sizes });
    const norms = apply('segmentSum', [w.square()], { sizes });
    const graph: Graph = { inputs: [w, g, decay], outputs: [w.sub(g.add(w.mul(each)).mul(0.1)), norms] };
    expect(shapes(plan(graph).kernels)).toEqual([55]);
    const numbers = [spread(55), spread(55, 2), [0, 0.1, 0.2, 0.3]];
    const actual = await runOnce(testEngine(), graph, numbers);
    const expected = reference(graph, numbers);
    for (const k of [0, 1]) expectNear(actual[k], expected[k]);
  });

  it('does not merge across a dependency that runs through another kernel', async () => {
    const x = float32('x', 32);
    const total = x.square().sum();
    const graph: Graph = { inputs: [x], outputs: [x.square().div(total), x.add(1)] };
    const [actual] = await runOnce(testEngine(), graph, [spread(32)]);
    const [expected] = reference(graph, [spread(32)]);
    expectNear(actual, expected);
  });

  it('computes again what is cheaper than to store, but not over an input that may be overwritten', async () => {
    const [x, scale] = [float32('x', 6, 40), float32('scale', 40)];
    const centered = x.sub(x.mean(0, { keepDims: true }));
    const deviation = centered.square().mean(0, { keepDims: true }).add(1e-5).sqrt();
    const graph: Graph = { inputs: [x, scale], outputs: [centered.div(deviation).mul(scale)] };
    const { kernels, scratchBytes } = plan(graph);
    expect(shapes(kernels)).toEqual([240, 40, 240, 40, 240]);
    expect(scratchBytes).toBeLessThan(4 * 240); // no matrix
    const numbers = [spread(240), spread(40, 2)];
    const [expected] = reference(graph, numbers);
    expectNear((await runOnce(testEngine(), graph, numbers, [0]))[0], expected);

    const total = centered.square().sum();
    const updated: Graph = { inputs: [x], outputs: [x.mul(centered), centered.mul(total)] };
    expect(plan(updated).scratchBytes).toBeGreaterThanOrEqual(4 * 240);
    const results = await runOnce(testEngine(), updated, [numbers[0]], [0, null]);
    reference(updated, [numbers[0]]).forEach((wanted, j) => {
      expectNear(results[j], wanted);
    });
  });

  it('stores what is read once for each segment', async () => {
    const x = float32('x', 4);
    const graph: Graph = { inputs: [x], outputs: [apply('segmentBroadcast', [x.neg()], { sizes: [0, 2, 1, 1] })] };
    const [actual] = await runOnce(testEngine(), graph, [[1, 2, 3, 4]]);
    expect([...actual]).toEqual([-2, -2, -3, -4]);
  });

  it('shares the workspace between values that do not live together', () => {
    let x: Tensor = float32('x', 256, 4);
    const inputs = [x as Tensor<'parameter'>];
    for (let k = 0; k < 6; k++) x = x.sub(x.sum(0)).transpose().reshape([256, 4]);
    expect(plan({ inputs, outputs: [x] }).scratchBytes).toBeLessThan(3 * 4096);
  });
});

describe('updates in place', () => {
  it('computes Adam over its own buffers without a copy', async () => {
    const engine = testEngine();
    const graph = adam(1003);
    expect(plan(graph).sharing.map((row, j) => row[[0, 2, 3][j]].same)).toEqual([true, true, true]);
    const numbers = [spread(1003), spread(1003, 0.1), spread(1003, 0.01), spread(1003).map((x) => x * x), ...adamHyper];
    const buffers = graph.inputs.map((input, i) => filled(engine, input, numbers[i]));
    const executable = await engine.compile(graph);
    executable.bind(buffers, [buffers[0], buffers[2], buffers[3]])();
    reference(graph, numbers).forEach((expected, j) => {
      expectNear(buffers[[0, 2, 3][j]].data, expected);
    });
  });

  it('takes outputs that overlap inputs partly', async () => {
    const engine = testEngine();
    const [x, y] = [float32('x', 8), float32('y', 8)];
    const graph: Graph = { inputs: [x, y], outputs: [x.add(1), y.add(x)] };
    const whole = engine.allocate([16], 'float32') as HeapBuffer;
    whole.data.set(Array.from({ length: 16 }, (_, i) => i));
    const [a, b, shifted] = [whole.part(0, [8]), whole.part(8, [8]), whole.part(4, [8])];
    const executable = await engine.compile(graph);
    executable.bind([a, b], [shifted, engine.allocate([8], 'float32')])();
    expect([...whole.data]).toEqual([0, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15]);
  });

  it('takes the memory of a binding where it is told to', async () => {
    const engine = testEngine();
    const x = float32('x', 64);
    const graph: Graph = { inputs: [x], outputs: [x.add(x.sum())] };
    const executable = await engine.compile(graph);
    const buffer = engine.allocate([64], 'float32') as HeapBuffer;
    const before = buffer.heap.bytesInUse;
    const taken: HeapBuffer[] = [];
    executable.bind([buffer], [buffer], (shape, dtype) => {
      taken.push(engine.allocate(shape, dtype) as HeapBuffer);
      return taken[taken.length - 1];
    })();
    expect(buffer.heap.bytesInUse).toBeGreaterThan(before);
    for (const one of taken) buffer.heap.release(one);
    expect(buffer.heap.bytesInUse).toBe(before);
  });
});

describe('what it refuses', () => {
  it.each([-1, 5, 2 ** 31 - 1])('an index of %i out of five, without touching memory', async (bad) => {
    const engine = testEngine();
    const x = float32('x', 5);
    const index = parameter('index', [2], 'int32');
    const at = filled(engine, index, [0, bad]);
    const gather = await engine.compile({ inputs: [x, index], outputs: [x.gather(index)] });
    const from = filled(engine, x, [1, 2, 3, 4, 5]);
    expect(() => gather.bind([from, at], [engine.allocate([2], 'float32')])()).toThrow(
      /gather: index .* outside \[0, 5\)/,
    );
    const updates = float32('updates', 2);
    const scatter = await engine.compile({
      inputs: [index, updates],
      outputs: [scatterAdd(index, updates, { size: 5 })],
    });
    const guard = engine.allocate([5], 'float32');
    expect(() => scatter.bind([at, filled(engine, updates, [1, 1])], [guard])()).toThrow(/scatterAdd: index/);
    expect([...from.data]).toEqual([1, 2, 3, 4, 5]);
  });

  it('buffers of another heap, wrong shapes, wrong counts', async () => {
    const [engine, other] = [testEngine(), testEngine()];
    const x = float32('x', 4);
    const executable = await engine.compile({ inputs: [x], outputs: [concat([x, x])] });
    const [good, out] = [engine.allocate([4], 'float32'), engine.allocate([8], 'float32')];
    expect(() => executable.bind([other.allocate([4], 'float32')], [out])).toThrow(/heap/);
    expect(() => executable.bind([good], [good])).toThrow(/output 0 is float32\[8\], not float32\[4\]/);
    expect(() => executable.bind([], [out])).toThrow(/1 inputs, but 0/);
  });
});
