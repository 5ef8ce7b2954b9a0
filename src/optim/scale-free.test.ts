import { describe, expect, test } from 'vitest';
import { constant } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { expectClose, golden } from '../testing/close.ts';
import { commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../testing/trajectory.ts';
import type { Optimizer } from './optimizer.ts';
import { getOptimizer } from './registry.ts';

type Values = Readonly<Record<string, number | string>>;

/**
 * A method is scale-free when multiplying coordinate j of every stochastic gradient by a fixed c_j > 0 leaves all iterates as they were
 * (Orabona & Pal 2015; Zhuang et al. 2022, arXiv:2202.00089, section 4). Adaptive methods are so with eps 0 only, and with no decay inside the
 * gradient.
 */
const free: readonly (readonly [id: string, values: Values])[] = [
  ['adabelief', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['adagrad', { lr: 0.1, eps: 0 }],
  ['adam', { lr: 0.1, eps: 0 }],
  ['adamax', { lr: 0.1, eps: 0 }],
  ['adamod', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['adamprox', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['adamw', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['adamw', { lr: 0.1, eps: 0, weightDecay: 0.1, coupling: 'original' }],
  ['adan', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['ademamix', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['amsgrad', { lr: 0.1, eps: 0 }],
  ['cocob', { alpha: 10, L0: 1e-300 }],
  ['gen-signsgd', { lr: 0.01, eps: 0 }],
  ['grams', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['innaprop', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['lion', { lr: 0.1, weightDecay: 0.1 }],
  ['nadam', { lr: 0.1, eps: 0 }],
  ['nadamw', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['rmsprop', { lr: 0.1, eps: 0 }],
  ['schedule-free-adamw', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['signsgd', { lr: 0.1, weightDecay: 0.1 }],
  ['signum', { lr: 0.1, weightDecay: 0.1 }],
];
/** Free of one scale for all coordinates: the scale of the loss. */
const lossFree: readonly (readonly [id: string, values: Values])[] = [
  ...free,
  ['d-adaptation-sgd', { d0: 0.1 }],
  ['dowg', { rEps: 0.1 }],
];
const bound: readonly (readonly [id: string, values: Values])[] = [
  ['sgd', { lr: 0.1 }],
  ['adam', { lr: 0.1, eps: 0, weightDecay: 0.1 }],
  ['gen-signsgd', { lr: 0.01, eps: 0, weightDecay: 0.1 }],
  ['adamw', { lr: 0.1, eps: 0.1 }],
  ['dowg', { rEps: 0.1, eps: 0.1 }],
];

const f64 = { dtype: 'float64' } as const;
const c = constant([0.1, -0.2, 0.3, -0.4], f64);
/** The common sequence with its gradient multiplied coordinate by coordinate. */
const sequence = (scales: readonly number[]) =>
  lossWithGradient(({ w, t }: LossPoint) => {
    const g = w.flat.cast('float64').mul(0.5).add(c.mul(t.cos()));
    return g.mul(constant([...scales], f64)).cast('float32');
  });
const D = [1e-3, 1, 1e3, 10];

const run = (id: string, values: Values, loss: (point: LossPoint) => Tensor, steps = 30) =>
  trajectory(getOptimizer(id, values) as Optimizer, { w0, loss, steps });

describe('scale-freeness', () => {
  test.each(free)('%s %o does not see the scale of any coordinate', async (id, values) => {
    const plain = await run(id, values, sequence([1, 1, 1, 1]));
    const scaled = await run(id, values, sequence(D));
    expectClose(scaled.w, plain.w, { relative: 1e-10, absolute: 1e-12 });
  });

  test.each(lossFree)('%s %o: to multiply the loss by a power of two changes no bit', async (id, values) => {
    const plain = await run(id, values, commonLoss);
    for (const power of [7, -9]) {
      expect((await run(id, values, (point) => commonLoss(point).mul(2 ** power))).w).toEqual(plain.w);
    }
  });

  test.each(bound)('%s %o does see it', async (id, values) => {
    const plain = await run(id, values, commonLoss);
    const scaled = await run(id, values, (point) => commonLoss(point).mul(2 ** 7));
    const largest = Math.max(...plain.w[29].map((x, i) => Math.abs(x - scaled.w[29][i])));
    expect(largest).toBeGreaterThan(1e-2);
  });

  test('golden: AdamW and Adam with L2 under coordinate scales', async () => {
    const values = { lr: 0.1, eps: 0, weightDecay: 0.1 };
    const at3 = async (id: string, scales: readonly number[]) => (await run(id, values, sequence(scales), 3)).w[2];
    const adamw = golden('[0.680552051542,-1.64857256878,2.61823086102,0.220103049528]')[0];
    expectClose(await at3('adamw', [1, 1, 1, 1]), adamw);
    expectClose(await at3('adamw', D), adamw);
    expectClose(await at3('adam', D), golden('[0.70160391311,-1.70373002439,2.70399926561,0.231122060414]')[0]);
  });
});

describe('the theorem: quadratics of any condition number are one problem', () => {
  const n = 8;
  const quadratic = (condition: number) => {
    const curvature = Array.from({ length: n }, (_, i) => condition ** (i / (n - 1)));
    return {
      w0: Array(n).fill(1),
      loss: ({ w }: LossPoint) => w.flat.cast('float64').square().mul(constant(curvature, f64)).sum().mul(0.5),
      steps: 60,
    };
  };
  const iterates = (id: string, values: Values, condition: number) =>
    trajectory(getOptimizer(id, values) as Optimizer, quadratic(condition)).then(({ w }) => w);

  test.each([
    ['adamw', { lr: 0.1, eps: 0, weightDecay: 0.01 }],
    ['adamprox', { lr: 0.1, eps: 0, weightDecay: 0.01 }],
    ['adagrad', { lr: 0.1, eps: 0 }],
  ])('%s makes the same iterates', async (id, values) => {
    const one = await iterates(id, values, 1);
    for (const condition of [1e2, 1e6]) {
      expectClose(await iterates(id, values, condition), one, { relative: 0, absolute: 1e-12 });
    }
  });

  test('gradient descent does not: the flattest coordinate needs steps in proportion', async () => {
    const left = async (condition: number) => (await iterates('sgd', { lr: 1 / condition }, condition))[59][0];
    expect(await left(1)).toBe(0);
    expect(await left(1e2)).toBeGreaterThan(0.5);
    expect(await left(1e6)).toBeGreaterThan(0.999);
  });
});
