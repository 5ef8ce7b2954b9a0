import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import type { Optimizer } from '../optimizer.ts';
import { gradientNoise } from '../wrappers/gradient-noise.ts';
import {
  conditionalScore,
  daleLangevinStep,
  geometricNoise,
  multiplicativeLangevinStep,
  scoreMatchingLoss,
} from './dale-langevin.ts';
import { egd, egPair } from './egd.ts';
import { sgd } from './sgd.ts';

const float64 = { dtype: 'float64' } as const;

/** Quantiles of a nearly normal distribution, the logistic one of the same variance cut at the ends. */
const quantile = (u: number) => Math.max(-3, Math.min(3, (Math.log(u / (1 - u)) * Math.sqrt(3)) / Math.PI));
const skewness = (x: readonly number[]) => {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const moment = (k: number) => x.reduce((sum, value) => sum + (value - mean) ** k, 0) / x.length;
  return moment(3) / moment(2) ** 1.5;
};

describe('egd', () => {
  test('golden', async () => {
    const expected =
      '0.946103769471, -1.79022468522, 2.54060748433, 0.498308912359 | 0.906153335148, -1.65062307346, 2.26563993349, 0.478023011037 | 0.874629872513, -1.55025825498, 2.08397062561, 0.448611842781';
    const { w, statePerParameter } = await trajectory(egd({ lr: 0.1 }), { w0, loss: commonLoss, steps: 3 });
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(0);
  });

  test('no weight changes its sign, zeros stay zero', async () => {
    const from = [1, -2, 0, 1e-3];
    const { w } = await trajectory(egd({ lr: 3 }), { w0: from, loss: commonLoss, steps: 40 });
    for (const row of w) expect(row.map(Math.sign)).toEqual(from.map(Math.sign));
  });

  test('under pure noise weights become log-normal and keep their signs, where SGD flips many', async () => {
    const n = 600;
    const start = Array.from(
      { length: n },
      (_, i) => (i % 2 === 0 ? 1 : -1) * Math.exp(-2 + 0.5 * quantile((i + 0.5) / n)),
    );
    const walk = async (base: Optimizer) => {
      const noisy = gradientNoise(base, { noiseVariance: 1, noiseDecay: 0 });
      return (await trajectory(noisy, { w0: start, loss: ({ w }) => w.flat.sum().mul(0), steps: 150 })).w[149];
    };
    const flips = (w: readonly number[]) => w.filter((x, i) => Math.sign(x) !== Math.sign(start[i])).length;
    const kept = await walk(egd({ lr: 0.05 }));
    expect(flips(kept)).toBe(0);
    expect(Math.abs(skewness(kept.map((x) => Math.log(Math.abs(x)))))).toBeLessThan(0.25);
    expect(skewness(kept.map(Math.abs))).toBeGreaterThan(1);
    expect(flips(await walk(sgd({ lr: 0.05 })))).toBeGreaterThan(n / 4);
  });

  test('eg-pair is p and q with gradients g and -g, from p q = start^2', async () => {
    const [lr, start, steps] = [0.3, 0.05, 6];
    const from = [0, -2, 3, 0.5];
    const { w } = await trajectory(egPair({ lr, start }), { w0: from, loss: commonLoss, steps });
    let p = from.map((x) => (x + Math.hypot(x, 2 * start)) / 2);
    let q = p.map((x, i) => x - from[i]);
    for (let t = 1; t <= steps; t++) {
      const g = p.map((x, i) => 0.5 * (x - q[i]) + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(t));
      p = p.map((x, i) => x * Math.exp(-lr * g[i]));
      q = q.map((x, i) => x * Math.exp(lr * g[i]));
      expectClose(
        w[t - 1],
        p.map((x, i) => x - q[i]),
        { relative: 1e-11 },
      );
    }
  });

  test("form 'simplex' is the softmax of the summed losses of experts", async () => {
    const losses = [1, 3, 2];
    const { w } = await trajectory(egd({ lr: 0.5, form: 'simplex' }), {
      w0: { w: { shape: [3], values: [1, 1, 1] }, none: { shape: [2], values: [-1, 0] } },
      loss: lossWithGradient(() => constant([...losses, 1, 1])),
      steps: 4,
    });
    const grown = losses.map((x) => Math.exp(-0.5 * 4 * x));
    const total = grown.reduce((a, b) => a + b);
    expectClose(
      w[3].slice(0, 3),
      grown.map((x) => x / total),
      { relative: 1e-14 },
    );
    expect(w[3].slice(3)).toEqual([0, 0]);
  });

  test('a huge gradient is bounded by maxLogStep', async () => {
    const loss = ({ w }: LossPoint) => w.flat.sum().mul(-1e30);
    for (const optimizer of [egd(), egd({ form: 'simplex' }), egPair()]) {
      const { w } = await trajectory(optimizer, { w0, loss, steps: 3 });
      expect(w.flat().every(Number.isFinite)).toBe(true);
    }
    const { w } = await trajectory(egd(), { w0, loss, steps: 1 });
    expectClose(w[0].slice(0, 2), [Math.exp(10), -2 * Math.exp(-10)]);
  });

  test('finds a sparse solution of an underdetermined regression that gradient descent does not', async () => {
    const [n, d] = [20, 50];
    const noise = (i: number) => Math.sin(12.9898 * (i + 1)) * 43758.5453;
    const X = constant(
      Array.from({ length: n * d }, (_, i) => 2 * (noise(i) - Math.floor(noise(i))) - 1),
      { shape: [n, d], ...float64 },
    );
    const truth = Array.from({ length: d }, (_, i) => (i < 2 ? 2 : 0));
    const y = X.matmul(constant(truth, { shape: [d, 1], ...float64 }));
    const loss = ({ w }: LossPoint) =>
      X.matmul(w.flat.cast('float64').reshape([d, 1]))
        .sub(y)
        .square()
        .mean()
        .mul(0.5);
    const error = async (optimizer: Optimizer) => {
      const { w } = await trajectory(optimizer, { w0: Array(d).fill(0), loss, steps: 300 });
      return Math.hypot(...w[299].map((x, i) => x - truth[i])) / Math.hypot(...truth);
    };
    expect(await error(egPair({ lr: 0.3, start: 1e-4 }))).toBeLessThan(0.1);
    expect(await error(sgd({ lr: 0.3 }))).toBeGreaterThan(0.6);
  });
});

describe('multiplicative samplers', () => {
  const numbers = (x: Tensor) => [...evaluate([x], new Map())[0].data];
  const vector = (values: number[]) => constant(values, float64);
  const step = { sigma: 0.8, mu: 0.32, delta: 0.01 };
  const score = (x: Tensor) => x.log().div(0.25).add(1).neg();

  test.each([
    [
      'Dale-Langevin',
      daleLangevinStep,
      '1.24315701624, 0.742723772652, 2.00451595516 | 1.16425591028, 0.778943440629, 2.13315116331',
    ],
    [
      'unconstrained',
      multiplicativeLangevinStep,
      '1.24623908178, 0.743129979931, 2.01091086436 | 1.16842972696, 0.78088116003, 2.14225582541',
    ],
  ])('golden: %s', (_, sample, expected) => {
    const start = vector([1.2, 0.8, 2]);
    const first = sample(start, score(start), vector([0.5, -1, 0.25]), step);
    const second = sample(first, score(first), vector([-0.75, 0.5, 1]), step);
    expectClose([numbers(first), numbers(second)], golden(expected));
  });

  test('golden: Dale-Langevin without drift of the data', () => {
    const x = daleLangevinStep(vector([0.5, 1, 2]), vector([-0.3, -1.2, 0.4]), vector([0.1, -0.2, 0.3]), {
      ...step,
      mu: 0,
    });
    expectClose(numbers(x), [0.507901788124, 0.986018659615, 2.07364344939]);
  });

  test('without noise a step is egd on -log p, but for the drift', () => {
    const x = vector([1.2, 0.8, 2]);
    const h = vector([-0.3, -1.2, 0.4]);
    const quiet = daleLangevinStep(x, h, vector([1, 1, 1]), { ...step, mu: 1.5 * 0.64, anneal: 0 });
    expectClose(numbers(quiet), numbers(x.mul(h.mul(0.01 * 0.64).exp())), { relative: 1e-14 });
  });

  test('the conditional score is -(1 + z / (sigma sqrt(t))), and the loss vanishes there only', () => {
    const [x0, z] = [vector([1.5, 2, 0.3]), vector([0.5, -1, 2])];
    const xt = geometricNoise(x0, z, 0.7, step);
    const target = conditionalScore(xt, x0, 0.7, step);
    expectClose(
      numbers(target),
      [0.5, -1, 2].map((n) => -(1 + n / (0.8 * Math.sqrt(0.7)))),
      { relative: 1e-13 },
    );
    const lossOf = (answer: Tensor) =>
      numbers(scoreMatchingLoss(answer.expandDims(0), xt.expandDims(0), x0.expandDims(0), 0.7, step))[0];
    expect(lossOf(target)).toBe(0);
    expect(lossOf(target.add(1))).toBeCloseTo(3 * (0.64 * 0.7) ** 2, 12);
  });
});
