import { describe, expect, it } from 'vitest';
import { parameter } from '../../tensor/functions.ts';
import { apply } from '../../tensor/tensor.ts';
import { reference, runOnce } from '../../testing/wasm.ts';
import { Heap } from '../heap.ts';
import { hasMadd } from './features.ts';
import { createWasmEngine } from './index.ts';

type Name = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'sigmoid' | 'erf' | 'sin' | 'cos';

/** Intervals to sweep, spread linearly (in exponents when both ends are positive), and the relative error that is promised. */
const sweeps: readonly (readonly [Name, number, number, number])[] = [
  ['exp', -87, 88.7, 3e-7],
  ['exp', -104, -87, 3e-7],
  ['exp', -1, 1, 2e-7],
  ['expm1', -20, 80, 4e-7],
  ['expm1', 1e-30, 1, 4e-7],
  ['expm1', -1, -1e-6, 4e-7],
  ['log', 1e-38, 1e38, 2e-7],
  ['log', 0.5, 2, 4e-7],
  ['log', 1e-44, 1e-38, 2e-7],
  ['log1p', 1e-30, 1e30, 4e-7],
  ['log1p', -0.999, -1e-6, 4e-7],
  ['tanh', -20, 20, 4e-7],
  ['tanh', 1e-30, 1, 3e-7],
  ['sigmoid', -87, 50, 4e-7],
  ['erf', -6, 6, 4e-7],
  ['erf', 1e-30, 1, 4e-7],
  ['sin', -100, 100, 1e-7],
  ['cos', -100, 100, 1e-7],
];

describe.each([true, false])('float32 functions of vectors, fused multiply-add %s', (fused) => {
  const engine = createWasmEngine(new Heap(), { madd: fused && hasMadd });
  it.each(sweeps)('%s from %d to %d within %d', async (name, low, high, tolerance) => {
    const count = 20_001;
    const numbers = Array.from({ length: count }, (_, i) => {
      const at = i / (count - 1);
      return Math.fround(low > 0 ? low * (high / low) ** at : low + (high - low) * at);
    });
    const x = parameter('x', [count]);
    const graph = { inputs: [x], outputs: [apply(name, [x], {})] };
    const [actual] = await runOnce(engine, graph, [numbers]);
    const [expected] = reference(graph, [numbers]);
    let worst = 0;
    expected.forEach((y, i) => {
      const ulp = 2 ** -149; // subnormal results are exact to one of these
      worst = Math.max(worst, (Math.abs(actual[i] - y) - ulp) / Math.max(Math.abs(y), 1e-300));
    });
    expect(worst).toBeLessThan(tolerance);
  });

  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const special: readonly (readonly [Name, readonly number[], readonly number[]])[] = [
    ['exp', [nan, inf, -inf, 89, -120, 0, -0], [nan, inf, 0, inf, 0, 1, 1]],
    ['expm1', [nan, inf, -inf, 89, -120, 0], [nan, inf, -1, inf, -1, 0]],
    ['log', [nan, inf, -inf, 0, -0, -1, 1], [nan, inf, nan, -inf, -inf, nan, 0]],
    ['log1p', [nan, inf, -inf, -1, -2, 0], [nan, inf, nan, -inf, nan, 0]],
    ['tanh', [nan, inf, -inf, 30, -30, 0], [nan, 1, -1, 1, -1, 0]],
    ['sigmoid', [nan, inf, -inf, 200, -200, 0], [nan, 1, 0, 1, 0, 0.5]],
    ['erf', [nan, inf, -inf, 10, -10, 0], [nan, 1, -1, 1, -1, 0]],
  ];
  it.each(special)('%s of special values', async (name, inputs, expected) => {
    // Eight copies: some pass through the vector loop, the last through its tail.
    const numbers = Array.from({ length: 8 * inputs.length + 1 }, (_, i) => inputs[i % inputs.length]);
    const x = parameter('x', [numbers.length]);
    const [actual] = await runOnce(engine, { inputs: [x], outputs: [apply(name, [x], {})] }, [numbers]);
    const wanted = numbers.map((_, i) => expected[i % inputs.length]);
    expect(Array.from(actual, (y) => y + 0)).toEqual(wanted); // -0 counts as 0
  });

  it('agrees with itself between the vector loop and its tail', async () => {
    const x = parameter('x', [39]);
    const graph = { inputs: [x], outputs: [x.exp().add(x.tanh()).mul(x.erf()), x.abs().log().sub(x.sigmoid())] };
    const results = await runOnce(engine, graph, [new Array(39).fill(0.7310231)]);
    for (const result of results) expect(new Set(result).size).toBe(1);
  });

  it.each(['tanh', 'erf'] as const)('%s is never beyond 1', async (name) => {
    const count = 100_000;
    const numbers = Array.from({ length: count }, (_, i) => Math.fround((i / count) * 12));
    const x = parameter('x', [count]);
    const [actual] = await runOnce(engine, { inputs: [x], outputs: [apply(name, [x], {})] }, [numbers]);
    expect(Array.from(actual).filter((y) => y > 1)).toEqual([]);
    expect(actual[count - 1]).toBe(1);
  });

  it.each([0, 3, 17, 40, 66])('finds a NaN at %d among the greatest and least', async (at) => {
    const x = parameter('x', [67]);
    const numbers = Array.from({ length: 67 }, (_, i) => (i === at ? nan : i % 7));
    const graph = { inputs: [x], outputs: [x.max(), x.min(), x.relu().max()] };
    for (const [value] of await runOnce(engine, graph, [numbers])) expect(value).toBeNaN();
  });

  it('adds a million numbers to float32 accuracy', async () => {
    const n = 1_000_003;
    const x = parameter('x', [n]);
    const numbers = Array.from({ length: n }, (_, i) => Math.fround(0.1 + 0.01 * Math.sin(i)));
    const graph = { inputs: [x], outputs: [x.sum(), x.square().sum()] };
    const actual = await runOnce(engine, graph, [numbers]);
    reference(graph, [numbers]).forEach(([expected], k) => {
      expect(Math.abs(actual[k][0] / expected - 1)).toBeLessThan(1e-6);
    });
  });
});
