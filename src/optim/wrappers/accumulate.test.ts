import { describe, expect, test } from 'vitest';
import { constant, stack } from '../../tensor/functions.ts';
import { expectClose } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { scheduleFreeAdamw } from '../averaging/schedule-free-adamw.ts';
import { adahessian } from '../curvature/adahessian.ts';
import { sgd } from '../first-order/sgd.ts';
import { sgdol } from '../first-order/sgdol.ts';
import { galoreAdam } from '../matrix/galore-adam.ts';
import type { Optimizer } from '../optimizer.ts';
import { linear } from '../schedules/linear.ts';
import { withSchedule } from '../schedules/schedule.ts';
import { spsa } from '../zeroth-order/spsa.ts';
import { accumulate } from './accumulate.ts';
import { clipByGlobalNorm } from './clip.ts';
import { sam } from './sam.ts';

// Micro-batch j of step n has the centre centres[(3 (n - 1) + j) mod 12]; the mean of three quadratics is one around the mean centre.
const centres = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(2 * i), Math.sin(3 * i), 1]);
const pick = (i: LossPoint['t']) => {
  const index = i.sub(i.div(12).floor().mul(12)).cast('int32');
  return constant(centres, { dtype: 'float64' })
    .gather(index.reshape([1]))
    .reshape([4]);
};
const around = (w: LossPoint['w'], centre: LossPoint['t']) => w.flat.cast('float64').sub(centre).square().mean();
const micro = ({ w, t }: LossPoint) => around(w, pick(t.sub(1)));
const whole = ({ w, t }: LossPoint) => {
  const first = t.sub(1).mul(3);
  return stack([0, 1, 2].map((j) => around(w, pick(first.add(j))))).mean();
};
const matrix = { W: { shape: [2, 2], values: [...w0], role: 'matrix' } } as const;

describe('accumulate', () => {
  test.each<[string, Optimizer]>([
    ['sgd', sgd({ lr: 0.1, momentum: 0.9 })],
    ['adamw', adamw({ lr: 0.1 })],
    ['galore-adam: phases count base steps', galoreAdam({ rank: 1, gap: 2 })],
    ['schedule-free: so do warmup and evaluation', scheduleFreeAdamw({ lr: 0.1, warmupSteps: 3 })],
    ['a schedule inside: so does its horizon', withSchedule(sgd({ lr: 0.1 }), linear())],
    ['clip inside: clips the mean', clipByGlobalNorm(sgd({ lr: 0.1 }), { maxNorm: 0.3 })],
    ['sgdol: two minibatches each', sgdol()],
  ])('three micro-batches are one batch: %s', async (_, base) => {
    const accumulated = await trajectory(accumulate(base, { microBatches: 3 }), { w0: matrix, loss: micro, steps: 15 });
    const plain = await trajectory(base, { w0: matrix, loss: whole, steps: 5 });
    const ends = (all: readonly (readonly number[])[]) => all.filter((__, i) => i % 3 === 2);
    expectClose(ends(accumulated.w), plain.w, { relative: 1e-12 });
    expectClose(ends(accumulated.evaluation), plain.evaluation, { relative: 1e-12 });
    // Between base steps nothing moves.
    expect(accumulated.w[3]).toEqual(accumulated.w[2]);
  });

  test('golden: the mean of two gradients at one point', async () => {
    const { w } = await trajectory(accumulate(sgd({ lr: 1 }), { microBatches: 2 }), { w0, loss: commonLoss, steps: 2 });
    const mean = [0.506207773466, -1.01241554693, 1.5186233204, 0.225168906136];
    expectClose(w, [[...w0], w0.map((x, i) => x - mean[i])]);
  });

  test('golden: a batch three times as large counts three times', async () => {
    // Micro-batches are of one size: the larger batch is three of them, with the gradient of t = 1; the other one has that of t = 2.
    const loss = (point: LossPoint) => commonLoss({ ...point, t: point.t.minimum(4).sub(2).maximum(1) });
    const { w } = await trajectory(accumulate(sgd({ lr: 1 }), { microBatches: 4 }), { w0, loss, steps: 4 });
    const weighted = [0.530119002026, -1.06023800405, 1.59035700608, 0.129523991894];
    expectClose(
      w[3],
      w0.map((x, i) => x - weighted[i]),
    );
  });

  test("a micro-batch that is not finite reaches the base, and clip's 'skip' leaves out the whole step", async () => {
    const loss = ({ w, t }: LossPoint) => w.flat.sum().div(t.sub(2)); // not finite at t = 2, of the first step
    const w = async (nonFinite: 'propagate' | 'skip') => {
      const clipped = clipByGlobalNorm(sgd({ lr: 1 }), { nonFinite, maxNorm: 10 });
      return (await trajectory(accumulate(clipped, { microBatches: 2 }), { w0, loss, steps: 4 })).w;
    };
    expect((await w('propagate'))[1]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    const skipped = await w('skip');
    expect(skipped[1]).toEqual([...w0]);
    expectClose(
      skipped[3],
      w0.map((x) => x - (1 + 1 / 2) / 2),
    );
  });

  test('one gradient a call, two programs, one float more', async () => {
    const run = await trajectory(accumulate(sgd(), { microBatches: 3 }), { w0: matrix, loss: micro, steps: 7 });
    expect(run.calls.map(({ gradient }) => gradient)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(run.programs).toBe(2);
    expect(run.statePerParameter).toBe(1);
  });

  test('a base that asks elsewhere is refused, with advice', async () => {
    const setup = { w0, loss: commonLoss, steps: 2 };
    const one = { microBatches: 1 };
    await expect(trajectory(accumulate(sam(sgd()), one), setup)).rejects.toThrow(
      /another point.*put accumulate inside/,
    );
    await expect(trajectory(accumulate(spsa(), one), setup)).rejects.toThrow('another point');
    await expect(trajectory(accumulate(adahessian(), one), setup)).rejects.toThrow('Hessian-vector product');
    const inside = await trajectory(sam(accumulate(sgd(), { microBatches: 2 })), setup);
    expect(inside.calls[0].gradient).toBe(2);
  });
});
