import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { arange, constant } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import type { Optimizer } from '../optimizer.ts';
import { linear } from '../schedules/linear.ts';
import { withSchedule } from '../schedules/schedule.ts';
import { medianSpp } from './median-spp.ts';
import { componentwiseMedian, geometricMedian, proximalMedian } from './sample-median.ts';
import { sgd } from './sgd.ts';
import { sgdClip } from './sgd-clip.ts';

type Values = Parameters<typeof medianSpp>[0];
const run = (values: Values, steps = 3) =>
  trajectory(medianSpp({ lr: 0.1, ...values }), { w0, loss: commonLoss, steps });

describe('median-spp', () => {
  test.each<[Values, string]>([
    [
      { distance: 'vclip', tau: 0.5 },
      '0.986638722161, -1.97327744432, 2.95991616648, 0.499182954748 | 0.960636104942, -1.92127220988, 2.88190831483, 0.482156296861 | 0.925318451248, -1.8506369025, 2.77595535374, 0.429279655201',
    ],
    [
      { distance: 'cclip', tau: 0.3 },
      '0.97, -1.97, 2.97, 0.496612092235 | 0.925661468365, -1.91, 2.91, 0.463224184469 | 0.889278319913, -1.83429984993, 2.82, 0.400463275382',
    ],
  ])('golden: %j', async (values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test('golden: mean', async () => {
    const { w } = await run({ distance: 'mean', tau: 0.25 });
    expectClose(w[0], [0.988919395388, -1.97783879078, 2.96675818616, 0.499322418447]);
    expectClose(w[2], [0.948930909121, -1.89786181824, 2.84679272736, 0.470541863516]);
  });

  test.each<[Values, string]>([
    [{ distance: 'vhuber', tau: 0.25, mu: 1 }, '0.961902043104, -1.92380408621, 2.88570612931, 0.473729397549'],
    [{ distance: 'chuber', tau: 0.25, mu: 0.5 }, '0.948930909121, -1.92683496999, 2.925, 0.470541863516'],
  ])('golden after three steps: %j', async (values, expected) => {
    expectClose((await run(values)).w.slice(2), golden(expected));
  });

  test('mean is momentum with decay 1 / (1 + tau), and Huber with a large mu is mean', async () => {
    const mean = await run({ distance: 'mean', tau: 0.25 }, 6);
    // PyTorch's buffer with dampening, but for the first step, which it does not dampen: the sum times 1 - 0.8 instead.
    const ball = await trajectory(sgd({ lr: 0.1 * 0.2, momentum: 0.8 }), { w0, loss: commonLoss, steps: 6 });
    expectClose(mean.w, ball.w, { relative: 1e-13 });
    for (const distance of ['vhuber', 'chuber'] as const) {
      expectClose((await run({ distance, tau: 0.25, mu: 1e6 }, 6)).w, mean.w, { relative: 1e-14 });
    }
  });

  test('from m = 0 vclip is clipped SGD with gamma = lr tau', async () => {
    const clipped = await trajectory(sgdClip({ lr: 0.1, gamma: 0.05 }), { w0, loss: commonLoss, steps: 1 });
    expectClose((await run({ distance: 'vclip', tau: 0.5 }, 1)).w, clipped.w);
  });

  test('the median of each coordinate survives Cauchy noise, plain SGD does not', async () => {
    const n = 20;
    const curvature = constant(Array.from({ length: n }, (_, i) => 0.2 + (0.8 * i) / (n - 1)));
    const loss = ({ w, t }: LossPoint) => {
      // A pseudo-random u in [0, 1) for each coordinate and step; cot(pi u) is Cauchy.
      const seed = arange(n, 'float64').mul(12.9898).add(t.mul(78.233)).sin().mul(43758.5453);
      const angle = seed.sub(seed.floor()).mul(Math.PI);
      const noise = angle.cos().div(angle.sin()).mul(0.3).cast(w.flat.dtype).stopGradient();
      return w.flat.square().mul(curvature).mul(0.5).add(w.flat.mul(noise)).sum();
    };
    const final = async (optimizer: Optimizer) => {
      const { w } = await trajectory(withSchedule(optimizer, linear()), { w0: Array(n).fill(1), loss, steps: 800 });
      return w[799].reduce((sum, x, i) => sum + 0.5 * (0.2 + (0.8 * i) / (n - 1)) * x * x, 0);
    };
    expect(await final(medianSpp({ lr: 0.05, distance: 'cclip', tau: 0.05 }))).toBeLessThan(0.1);
    expect(await final(sgd({ lr: 0.05 }))).toBeGreaterThan(1);
  });

  test('a gradient that equals the estimate leaves it; one float', async () => {
    const still = { w0, loss: ({ w }: Parameters<typeof commonLoss>[0]) => w.flat.sum().mul(0), steps: 2 };
    for (const distance of ['vclip', 'vhuber'] as const) {
      const { w, statePerParameter } = await trajectory(medianSpp({ distance }), still);
      expect(w[1]).toEqual([...w0]);
      expect(statePerParameter).toBe(1);
    }
  });
});

describe('medians of a sample', () => {
  const rows = constant([[0, 0], [1, 0], [0, 1], [10, 10]], { dtype: 'float64' }); // biome-ignore format: points
  const numbers = (x: Tensor) => [...evaluate([x], new Map())[0].data];

  test.each([
    [1, 1.32416966521],
    [2, 0.743584186654],
    [10, 0.500036153291],
    [60, 0.5],
  ])('golden: Weiszfeld, iterate %i', (iterations, expected) => {
    expectClose(numbers(geometricMedian(rows, { iterations })), [expected, expected]);
  });

  test.each([
    [1, [1.31753399826, 1.74582563731]],
    [2, [0.877125346167, 1.26748448481]],
    [10, [0.561251505677, 0.656654617651]],
  ])('golden: proximal sweeps, %i', (sweeps, expected) => {
    expectClose(numbers(proximalMedian(rows, { sweeps })), expected);
  });

  test('of each coordinate, with ties, of even and odd samples', () => {
    expect(numbers(componentwiseMedian(rows))).toEqual([0.5, 0.5]);
    const odd = constant([[3, -1], [1, -1], [2, 7], [9, 8], [2, -1]], { dtype: 'float64' }); // biome-ignore format: points
    expect(numbers(componentwiseMedian(odd))).toEqual([2, -1]);
  });

  test('a sample of one point has it as every median', () => {
    const one = constant([[3, -4]], { dtype: 'float64' });
    for (const median of [geometricMedian, proximalMedian, componentwiseMedian]) {
      expectClose(numbers(median(one)), [3, -4]);
    }
  });
});
