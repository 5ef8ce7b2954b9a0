import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { trajectory } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { sgdol } from '../first-order/sgdol.ts';
import type { Optimizer } from '../optimizer.ts';
import { linear } from '../schedules/linear.ts';
import { withSchedule } from '../schedules/schedule.ts';
import { plateau } from './plateau.ts';

type Values = Parameters<typeof plateau>[1];

/** The factor of lr in the step after each evaluation; one evaluation after each `every` steps. */
async function factorsAfter(
  losses: readonly number[],
  values: Values,
  { every = 1, base = sgd({ lr: 1 }) as Optimizer } = {},
) {
  const optimizer = plateau(base, values);
  const { w } = await trajectory(optimizer, {
    w0: [0],
    loss: (point) => point.w.flat.sum(),
    steps: (losses.length + 1) * every,
    validation: losses.map((loss, i) => [(i + 1) * every, loss]),
  });
  const moves = w.map(([x], i) => (i === 0 ? 0 : w[i - 1][0]) - x);
  return losses.map((_, i) => moves[(i + 1) * every]);
}

const near = { absolute: 1e-14 };
const flat = (value: number, length: number) => Array.from({ length }, () => value);

describe('plateau', () => {
  const metric = [1, 0.9, ...flat(0.95, 8)];
  const setup = { plateauFactor: 0.1, patience: 2, cooldownEvaluations: 1 };

  test('golden, as PyTorch and as Optax have it', async () => {
    expectClose(await factorsAfter(metric, setup), [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01], near);
    const optax = await factorsAfter(metric, { ...setup, plateauForm: 'optax' });
    expectClose(optax, [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001], near);
  });

  test('golden: improvements below the threshold are none; steps between evaluations change nothing', async () => {
    const losses = [1, 0.9, 0.8995, 0.8993, 0.8992, 0.8, 0.8, 0.8, 0.8, 0.8];
    const values = { plateauFactor: 0.5, patience: 2, plateauThreshold: 1e-3 };
    const expected = [0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025];
    const base = sgd({ lr: 0.1 });
    expectClose(await factorsAfter(losses, values, { base }), expected, near);
    expectClose(await factorsAfter(losses, values, { base, every: 3 }), expected, near);
  });

  test('a metric that improves never changes the rate, for either mode', async () => {
    const values = { plateauFactor: 0.5, patience: 0 };
    const falling = [3, 2, 1, 0.5, 0.1];
    expectClose(await factorsAfter(falling, values), flat(1, 5), near);
    const rising = falling.map((x) => -x);
    expectClose(await factorsAfter(rising, { ...values, plateauMode: 'max' }), flat(1, 5), near);
    expectClose(await factorsAfter(falling, { ...values, plateauMode: 'max' }), [1, 0.5, 0.25, 0.125, 0.0625], near);
  });

  test('a metric that stays is answered every patience + 1 + cooldown evaluations', async () => {
    const found = await factorsAfter(flat(1, 13), { plateauFactor: 0.5, patience: 1, cooldownEvaluations: 2 });
    expectClose(found, [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125], near);
  });

  test('absolute thresholds, a floor, smallest changes, losses that are not finite', async () => {
    const quick = { plateauFactor: 0.5, patience: 0 };
    const absolute = await factorsAfter([1, 0.95, 0.8], { ...quick, plateauThreshold: 0.1, thresholdMode: 'absolute' });
    expectClose(absolute, [1, 0.5, 0.5], near);
    expectClose(await factorsAfter(flat(1, 4), { ...quick, smallestFactor: 0.3 }), [1, 0.5, 0.3, 0.3], near);
    expectClose(await factorsAfter(flat(1, 4), { ...quick, minChange: 0.2 }), [1, 0.5, 0.25, 0.25], near);
    const broken = [Number.NaN, 1, Number.POSITIVE_INFINITY, 0.5];
    expectClose(await factorsAfter(broken, { ...quick, patience: 1 }), [1, 1, 1, 1], near);
  });

  test('without evaluations nothing happens; with a schedule the factors multiply', async () => {
    expectClose(await factorsAfter([], {}), [], near);
    const base = withSchedule(sgd({ lr: 1 }), linear());
    const values = { plateauFactor: 0.5, patience: 0 };
    expectClose(await factorsAfter([1, 1, 1], values, { base }), [0.75, 0.25, 0.0625], near);
  });

  test('refuses a base without a rate, and illegal factors', () => {
    expect(() => plateau(sgdol())).toThrow('sgdol has no learning rate that a schedule could scale');
    expect(() => plateau(sgd(), { plateauFactor: 1 })).toThrow('plateauFactor is 1; it must lie in (0, 1)');
  });
});
