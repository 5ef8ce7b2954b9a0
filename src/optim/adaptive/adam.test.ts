import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';

const run = (
  values: Parameters<typeof adam>[0] = {},
  loss: (point: LossPoint) => ReturnType<typeof commonLoss> = commonLoss,
) => trajectory(adam({ lr: 0.1, ...values }), { w0, loss, steps: 3 });

describe('adam', () => {
  test.each([
    [
      'default',
      {},
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.801906043469, -1.80137055453, 2.80121447977, 0.319736699391 | 0.70679483683, -1.7046119418, 2.70400029592, 0.232224398932',
    ],
    [
      'L2',
      { weightDecay: 0.1 },
      '0.900000001529, -1.90000000076, 2.90000000051, 0.400000011922 | 0.801597683686, -1.80111077777, 2.80097029855, 0.313584642636 | 0.705691717822, -1.70373002686, 2.70318635137, 0.222824030841',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test('with eps 0 the scale of the gradient does not matter, and the first step is lr sign(g)', async () => {
    const plain = await run({ eps: 0 });
    const scaled = await run({ eps: 0 }, (point) => commonLoss(point).mul(1000));
    expectClose(scaled.w, plain.w, { relative: 1e-12 });
    expectClose(plain.w[0], [0.9, -1.9, 2.9, 0.4], { relative: 1e-14 });
  });

  test('with eps 0 a coordinate without gradient stays', async () => {
    const { w } = await run({ eps: 0 }, ({ w }) =>
      w.flat
        .mul(constant([0, 1, 0, 1]))
        .square()
        .sum(),
    );
    expect(w.map(([first, , third]) => [first, third])).toEqual(Array(3).fill([1, 3]));
    expect(w[2][1]).toBeGreaterThan(-2);
  });

  test('epsHat: the first step is lr g / (|g| + eps / sqrt(1 - beta2))', async () => {
    const { w } = await run({ eps: 1e-2, beta2: 0.99, epsHat: true });
    const g = [0.554030230587, -1.10806046117, 1.66209069176, 0.0338790776527];
    expectClose(
      w[0],
      g.map((x, i) => w0[i] - (0.1 * x) / (Math.abs(x) + 0.1)),
    );
  });

  test('keeps two floats and asks for one gradient', async () => {
    const { statePerParameter, calls } = await run();
    expect(statePerParameter).toBe(2);
    expect(calls[2]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
  });

  test('reaches 1e-6 on a quadratic of condition 100 within 120 steps', async () => {
    const n = 50;
    const curvature = Array.from({ length: n }, (_, i) => 0.01 * 100 ** (i / (n - 1)));
    const { loss } = await trajectory(adam({ lr: 0.03 }), {
      w0: Array(n).fill(1),
      loss: ({ w }) => w.flat.square().mul(constant(curvature)).sum().mul(0.5),
      steps: 120,
    });
    expect(loss.some((value) => value < 1e-6)).toBe(true);
  });
});
