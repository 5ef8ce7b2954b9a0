import { describe, expect, test } from 'vitest';
import { sgd } from '../optim/first-order/sgd.ts';
import { clipByGlobalNorm } from '../optim/wrappers/clip.ts';
import { Bundle, Layout } from '../tensor/bundle.ts';
import { constant, parameter, stack } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gradients } from '../tensor/transforms.ts';
import { expectClose } from '../testing/close.ts';
import { compute } from '../testing/compute.ts';
import { trajectory } from '../testing/trajectory.ts';
import { errorSignals, signalRatios, vanishingGradientPenalty } from './recurrent-penalty.ts';

const W = { shape: [2, 2], values: [0.5, 0.2, -0.3, 0.4] };
const slopes = { shape: [2, 2], values: [0.9, 0.7, 0.6, 0.8] };
const signals = { shape: [2, 2], values: [1, -0.5, 0.3, 0.4] };
const gradient = (w: Tensor, s: Tensor, d: Tensor) => gradients(vanishingGradientPenalty(w, s, d), [w])[0];

describe('the penalty on vanishing gradients', () => {
  test('golden: value and gradient', () => {
    expectClose(compute(vanishingGradientPenalty, W, slopes, signals), [0.644827946012]);
    const expected = [-0.814903194895, -0.617098384648, 0.320672137106, -0.822797846198];
    expectClose(compute(gradient, W, slopes, signals), expected);
  });

  test('the gradient is that of differences, states and signals held', () => {
    const at = (values: number[]) => compute(vanishingGradientPenalty, { shape: [2, 2], values }, slopes, signals)[0];
    const differences = W.values.map((_, i) => {
      const moved = (h: number) => at(W.values.map((x, j) => (i === j ? x + h : x)));
      return (moved(1e-6) - moved(-1e-6)) / 2e-6;
    });
    expectClose(compute(gradient, W, slopes, signals), differences, { relative: 1e-7 });
    const others = (w: Tensor, s: Tensor, d: Tensor) => gradients(vanishingGradientPenalty(w, s, d), [s, d])[0];
    expect(compute(others, W, slopes, signals)).toEqual([0, 0, 0, 0]);
  });

  test('the mean over examples, the sum over time', () => {
    const twice = (values: readonly number[]) => [...values.slice(0, 2), ...values.slice(0, 2), ...values.slice(2), ...values.slice(2)]; // biome-ignore format: one line
    const both = [slopes, signals].map(({ values }) => ({ shape: [2, 2, 2], values: twice(values) }));
    expectClose(compute(vanishingGradientPenalty, W, ...both), [0.644827946012]);
  });

  test('an orthogonal matrix and unit slopes keep every length: no penalty', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turn = { shape: [2, 2], values: [c, -s, s, c] };
    const units = { shape: [2, 2], values: [1, 1, 1, 1] };
    expectClose(compute(vanishingGradientPenalty, turn, units, signals), [0], { absolute: 1e-30 });
  });

  test('signals and products of length 0 are skipped', () => {
    const none = { shape: [2, 2], values: [0, 0, 0.3, 0.4] };
    const flat = { shape: [2, 2], values: [0.9, 0.7, 0, 0] };
    expect(compute(signalRatios, W, slopes, none)[0]).toBe(1);
    expect(compute(signalRatios, W, flat, signals)[1]).toBe(1);
    expect(compute(vanishingGradientPenalty, W, flat, none)).toEqual([0]);
    expect(compute(gradient, W, flat, none)).toEqual([0, 0, 0, 0]);
  });

  test('error signals are total derivatives, and their ratios those of one step back', () => {
    // x_1 = W tanh(x_0), x_2 = W tanh(x_1), E = x_2 . [1, 2]
    const unrolled = (w: Tensor, x0: Tensor) => {
      const x = [x0];
      for (let k = 1; k <= 2; k++) x.push(w.matmul(x[k - 1].tanh().reshape([2, 1])).reshape([2]));
      const [a, b] = [x[2].at(0, 0), x[2].at(0, 1)];
      return { states: x, loss: a.add(b.mul(2)) };
    };
    const start = { shape: [2], values: [0.3, -0.8] };
    const signalsOf = (w: Tensor, x0: Tensor) => {
      const { states, loss } = unrolled(w, x0);
      return errorSignals(loss, states);
    };
    const d = compute(signalsOf, W, start);
    expectClose(d.slice(4), [1, 2]);
    const ratios = (w: Tensor, x0: Tensor) => {
      const { states, loss } = unrolled(w, x0);
      const steps = errorSignals(loss, states).sliceAxis(0, 1, 3);
      const slopesOf = [states[0], states[1]].map((x) => x.tanh().square().neg().add(1).expandDims(0));
      const [s0, s1] = slopesOf;
      return signalRatios(w, s0, steps.sliceAxis(0, 0, 1)).add(signalRatios(w, s1, steps.sliceAxis(0, 1, 2)).mul(100));
    };
    const length = (k: number) => Math.hypot(d[2 * k], d[2 * k + 1]);
    expectClose(compute(ratios, W, start), [length(0) / length(1) + (100 * length(1)) / length(2)], { relative: 1e-6 });
  });

  test('with it a clipped network that must remember its first input keeps its error signals longer', async () => {
    const [hidden, length, examples] = [4, 8, 6];
    const inputs = Array.from({ length: length * examples }, (_, i) => Math.cos(3 * i * i + 1));
    const given = constant(inputs, { shape: [length, examples, 1], dtype: 'float64' });
    const w0 = {
      W: { shape: [hidden, hidden], values: Array.from({ length: 16 }, (_, i) => 0.4 * Math.sin(7 * i)) },
      input: { shape: [hidden, 1], values: [0.5, -0.3, 0.2, 0.4] },
      output: { shape: [1, hidden], values: [0.3, 0.1, -0.5, 0.2] },
    } as const;
    const unrolled = (w: Bundle) => {
      const [W, input, output] = w.leaves.map((leaf) => leaf.cast('float64'));
      const states = [given.at(0, 0).matmul(input, { transposeB: true })];
      for (let k = 1; k < length; k++) {
        const driven = given.at(0, k).matmul(input, { transposeB: true });
        states.push(states[k - 1].tanh().matmul(W, { transposeB: true }).add(driven));
      }
      const guess = states[length - 1].tanh().matmul(output, { transposeB: true });
      const loss = guess.sub(given.at(0, 0)).square().mean();
      const slopes = stack(states.slice(0, -1).map((x) => x.tanh().square().neg().add(1)));
      const signals = errorSignals(loss, states).sliceAxis(0, 1, length);
      return { W, loss, slopes, signals };
    };
    const strayAfter = async (alpha: number): Promise<number> => {
      const loss = ({ w }: { w: Bundle }) => {
        const { W: matrix, loss: error, slopes: s, signals: d } = unrolled(w);
        return error.add(vanishingGradientPenalty(matrix, s, d).mul(alpha));
      };
      const { w } = await trajectory(clipByGlobalNorm(sgd({ lr: 0.05 })), { w0, loss, steps: 60 });
      const shapes = Object.entries(w0).map(([name, { shape }]) => ({ name, shape, role: 'other' as const }));
      const stray = (flat: Tensor) => {
        const { W: matrix, slopes: s, signals: d } = unrolled(Bundle.fromFlat(new Layout(shapes), flat));
        return signalRatios(matrix, s, d).sub(1).abs().mean();
      };
      return compute(stray, { shape: [24], values: w[59] })[0];
    };
    const [without, within] = await Promise.all([strayAfter(0), strayAfter(0.2)]);
    expect(within).toBeLessThan(0.5 * without);
  });

  test('refuses a matrix of another size', () => {
    const [w, d] = [parameter('w', [3, 2]), parameter('d', [4, 2])];
    expect(() => signalRatios(w, d, d)).toThrow("a square matrix of the signals' size 2");
  });
});
