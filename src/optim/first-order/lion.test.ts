import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { lion } from './lion.ts';
import { signum } from './signum.ts';

const run = (loss: typeof commonLoss, values: Parameters<typeof lion>[0] = {}) =>
  trajectory(lion({ lr: 0.1, ...values }), { w0, loss, steps: 3 });

describe('lion', () => {
  test.each([
    ['G1', commonLoss, {}, '[0.9, -1.9, 2.9, 0.4] | [0.8, -1.8, 2.8, 0.3] | [0.7, -1.7, 2.7, 0.2]'],
    [
      'G1, decay',
      commonLoss,
      { weightDecay: 0.5 },
      '[0.85, -1.8, 2.75, 0.375] | [0.7075, -1.61, 2.5125, 0.25625] | [0.572125, -1.4295, 2.286875, 0.1434375]',
    ],
    ['G2', flippingLoss, {}, '[1.1, -1.9, 2.9, 0.6] | [1.2, -1.8, 2.8, 0.7] | [1.1, -1.7, 2.9, 0.6]'],
  ])('golden: %s', async (_, loss, values, expected) => {
    expectClose((await run(loss, values)).w, golden(expected));
  });

  test('beta1 = beta2 is signum', async () => {
    const setup = { w0, loss: flippingLoss, steps: 20 };
    const ours = await trajectory(lion({ lr: 0.1, beta1: 0.8, beta2: 0.8, weightDecay: 0.5 }), setup);
    const theirs = await trajectory(signum({ lr: 0.1, momentum: 0.8, weightDecay: 0.5 }), setup);
    expectClose(ours.w, theirs.w, { relative: 1e-14 });
  });

  test('a decay that is independent of lr, as lucidrains has it, is weightDecay / lr', async () => {
    const { w } = await run(commonLoss, { weightDecay: 0.02 / 0.1 });
    expectClose(
      w[0],
      w0.map((x) => x * (1 - 0.02) - 0.1 * Math.sign(x)),
    );
  });

  test('keeps exactly one float for each parameter', async () => {
    expect((await run(commonLoss)).statePerParameter).toBe(1);
  });

  test('the distance to the box |w| <= 1 / weightDecay shrinks by 1 - lr weightDecay in every step, whatever the gradient', async () => {
    const { w } = await trajectory(lion({ lr: 0.05, weightDecay: 2 }), { w0, loss: flippingLoss, steps: 60 });
    const outside = (point: readonly number[]) => Math.max(0, ...point.map((x) => Math.abs(x) - 0.5));
    w.forEach((point, i) => {
      expect(outside(point)).toBeLessThanOrEqual((1 - 0.1) ** (i + 1) * outside(w0) + 1e-12);
    });
  });
});
