import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { adan } from './adan.ts';

type Values = Parameters<typeof adan>[0];
const setup = { w0, loss: commonLoss, steps: 3 };

describe('adan', () => {
  test.each<[string, Values, string]>([
    [
      'no decay',
      {},
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.80591578406, -1.80384492624, 2.80327886624, 0.324318044521 | 0.715042483057, -1.70909268911, 2.70754125263, 0.239627054053',
    ],
    [
      'proximal decay',
      { weightDecay: 0.1 },
      '0.891089110698, -1.88118811971, 2.87128712931, 0.396039633185 | 0.789541602376, -1.76770178813, 2.74740980427, 0.317167383819 | 0.692570702932, -1.65699400471, 2.6259591387, 0.230162591601',
    ],
    [
      'decoupled decay',
      { weightDecay: 0.1, decay: 'decoupled' },
      '0.890000001805, -1.8800000009, 2.8700000006, 0.395000029517 | 0.787502102461, -1.76541317981, 2.74491147348, 0.315344539707 | 0.689688625714, -1.65366178148, 2.62229684583, 0.227484826299',
    ],
  ])('golden: %s', async (_, values, expected) => {
    const { w } = await trajectory(adan({ lr: 0.1, ...values }), setup);
    expectClose(w, golden(expected));
  });

  test("the weight of the difference is beta2, not Optax's 1 - beta2, which would end the second step at 0.801464363655", async () => {
    const { w } = await trajectory(adan({ lr: 0.1 }), setup);
    expect(Math.abs(w[1][0] - 0.801464363655)).toBeGreaterThan(1e-3);
  });

  test('with beta2 0 the difference has no weight: it is Adam', async () => {
    const ours = await trajectory(adan({ lr: 0.1, beta1: 0.9, beta2: 0, beta3: 0.999 }), { ...setup, steps: 10 });
    const theirs = await trajectory(adam({ lr: 0.1 }), { ...setup, steps: 10 });
    expectClose(ours.w, theirs.w, { relative: 1e-13 });
  });

  test('clipping scales the gradient before the difference is taken, and leaves short gradients alone', async () => {
    const plain = await trajectory(adan({ lr: 0.1 }), setup);
    const never = await trajectory(adan({ lr: 0.1, maxGradNorm: 1e3 }), setup);
    expect(never.w).toEqual(plain.w);
    // Adan with eps 0 does not see a common factor, only that it changes: g_2 is scaled by another one than g_1.
    const { state } = await trajectory(adan({ lr: 0.1, maxGradNorm: 0.5, eps: 0 }), setup);
    for (const { 'state.previous': g } of state.slice(1)) expectClose([Math.hypot(...g)], [0.5]);
  });

  test('keeps four floats and asks for one gradient', async () => {
    const { statePerParameter, calls } = await trajectory(adan(), setup);
    expect(statePerParameter).toBe(4);
    expect(calls[2]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
  });
});
