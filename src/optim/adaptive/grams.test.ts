import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from './adamw.ts';
import { grams } from './grams.ts';

describe('grams', () => {
  test.each([
    [
      'signs agree: Adam with this eps',
      commonLoss,
      '[0.900005707445, -1.9000028538, 2.90000190255, 0.400093253092] | [0.801916188105, -1.8013756103, 2.80121784534, 0.319837512817] | [0.706808788232, -1.70461890653, 2.70400493023, 0.232329390032]',
    ],
    [
      'signs part',
      flippingLoss,
      '[1.09999048439, -1.90000541593, 2.90000099926, 0.599996832883] | [1.19504705023, -1.80657216214, 2.80012357035, 0.698290351778] | [1.15727035729, -1.72237395933, 2.84251842175, 0.682581015575]',
    ],
  ])('golden: %s', async (_, loss, expected) => {
    expectClose((await trajectory(grams({ lr: 0.1 }), { w0, loss, steps: 3 })).w, golden(expected));
  });

  test("form 'paper' is AdamW while the signs of momentum and gradient agree, and not when they part", async () => {
    const values = { lr: 0.1, eps: 1e-3, weightDecay: 0.1 };
    const both = async (loss: typeof commonLoss) => {
      const setup = { w0, loss, steps: 3 };
      return [
        (await trajectory(grams({ ...values, form: 'paper' }), setup)).w,
        (await trajectory(adamw(values), setup)).w,
      ];
    };
    const [ours, theirs] = await both(commonLoss);
    expectClose(ours, theirs, { relative: 1e-14 });
    const [flipped, adam] = await both(flippingLoss);
    expect(Math.abs(flipped[2][2] - adam[2][2])).toBeGreaterThan(1e-2);
  });

  test('without bias correction the first step is lr (1 - beta1) |g| / (sqrt((1 - beta2) g^2) + eps)', async () => {
    const { w } = await trajectory(grams({ lr: 0.1, eps: 1e-16, correctBias: false }), {
      w0,
      loss: commonLoss,
      steps: 1,
    });
    const first = (0.1 * 0.1) / Math.sqrt(0.001);
    expectClose(w[0], [1 - first, -2 + first, 3 - first, 0.5 - first]);
  });

  test('to first order it descends at least as much as the masked and the plain Adam, at every step', async () => {
    const setup = { w0, loss: flippingLoss, steps: 30 };
    const { w, state } = await trajectory(grams({ lr: 0.05 }), setup);
    let parted = 0;
    w.forEach((point, i) => {
      const before = i === 0 ? w0 : w[i - 1];
      const slope = before.map((x, j) => 0.5 * x + [2, -1, -4, 3][j] * Math.cos(2 * (i + 1)));
      const descent = before.map((x, j) => (x - point[j]) * slope[j]);
      const sum = (terms: readonly number[]) => terms.reduce((total, x) => total + x, 0);
      const agreement = slope.map((g, j) => Math.sign(g * state[i + 1]['state.m'][j]));
      if (agreement.some((sign) => sign < 0)) parted++;
      expect(Math.min(...descent)).toBeGreaterThanOrEqual(0);
      expect(sum(descent)).toBeGreaterThanOrEqual(sum(descent.map((x, j) => (agreement[j] > 0 ? x : 0))));
      expect(sum(descent)).toBeGreaterThanOrEqual(sum(descent.map((x, j) => x * agreement[j])));
    });
    expect(parted).toBeGreaterThan(5);
  });

  test('reaches 1e-6 on a quadratic of condition 100 in 0.7 of the steps of Adam', async () => {
    const curvature = Array.from({ length: 50 }, (_, i) => 0.01 * 100 ** (i / 49));
    const arrival = async (optimizer: ReturnType<typeof grams>) =>
      (
        await trajectory(optimizer, {
          w0: curvature.map(() => 1),
          loss: ({ w }) => w.flat.square().mul(constant(curvature)).sum().mul(0.5),
          steps: 110,
        })
      ).loss.findIndex((value) => value < 1e-6);
    for (const lr of [0.03, 0.1]) {
      const ours = await arrival(grams({ lr }));
      expect(ours).toBeGreaterThan(0);
      expect(ours).toBeLessThan(0.7 * (await arrival(adamw({ lr, weightDecay: 0 }))));
    }
  });

  test('keeps two floats; a zero gradient moves nothing', async () => {
    const still = await trajectory(grams(), { w0, loss: ({ w }) => w.flat.sum().mul(0), steps: 2 });
    expect(still.w[1]).toEqual([...w0]);
    expect(still.statePerParameter).toBe(2);
  });
});
