import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { adamomentum } from './adamomentum.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('adamomentum', () => {
  test('golden', async () => {
    const { w } = await trajectory(adamomentum({ lr: 0.1 }), setup);
    const expected = golden(
      '1.6289081195e-11, -1, 2, -0.499999995644 | -0.473658463341, -0.414165120719, 1.39056455066, 0.127247462541 | -0.540482776779, -0.0429759126511, 0.969877159858, -0.504243628203',
    );
    // The first number is a difference of two near 1: its 12 digits are not all its own.
    expectClose(w, expected, { absolute: 1e-15 });
  });

  test('golden: eps 1e-2', async () => {
    const { w } = await trajectory(adamomentum({ lr: 0.1, eps: 1e-2 }), setup);
    const expected =
      '0.982482714042, -1.96498154278, 2.94751252688, 0.498928650111 | 0.966705145312, -1.93345476758, 2.90029301574, 0.491499097593 | 0.952268156871, -1.90461988066, 2.85713788361, 0.4793249705';
    expectClose(w, golden(expected));
  });

  test('the first step is lr / (1 - beta1) sign(g)', async () => {
    const { w } = await trajectory(adamomentum({ lr: 0.01, beta1: 0.8 }), { ...setup, steps: 1 });
    expectClose(w[0], [0.95, -1.95, 2.95, 0.45], { relative: 1e-7 });
  });

  test('with beta1 0 it is RMSProp as Adam has it, eps aside', async () => {
    const ours = await trajectory(adamomentum({ lr: 0.1, beta1: 0, eps: 1e-30 }), setup);
    const theirs = await trajectory(adam({ lr: 0.1, beta1: 0, eps: 0 }), setup);
    expectClose(ours.w, theirs.w, { relative: 1e-12 });
  });

  test("claim: on gradients that alternate in sign steps tend to lr, Adam's to lr (1 - beta1) / (1 + beta1)", async () => {
    const loss = lossWithGradient(({ t }) => constant([1]).mul(t.mul(Math.PI).cos()));
    const lastStep = async (optimizer: ReturnType<typeof adam>) => {
      const { w } = await trajectory(optimizer, { w0: [0], loss, steps: 2000 });
      return Math.abs(w[1999][0] - w[1998][0]);
    };
    expectClose([await lastStep(adamomentum({ lr: 1 }))], [1], { relative: 0.02 });
    expectClose([await lastStep(adam({ lr: 1 }))], [0.1 / 1.9], { relative: 0.02 });
  });

  test('keeps two floats', async () => {
    expect((await trajectory(adamomentum(), setup)).statePerParameter).toBe(2);
  });
});
