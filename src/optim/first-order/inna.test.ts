import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, rosenbrockLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { innaprop } from '../adaptive/innaprop.ts';
import { inna } from './inna.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('inna', () => {
  test.each([
    [
      'constant step size',
      {},
      '[0.994459697694, -1.98891939539, 2.98337909308, 0.499661209223] | [0.984640258852, -1.9692805177, 2.95392077655, 0.495176464593] | [0.971378583154, -1.94275716631, 2.91413574946, 0.484480104886]',
    ],
    [
      'step sizes of the paper',
      { power: 0.5 },
      '[0.994459697694, -1.98891939539, 2.98337909308, 0.499661209223] | [0.987516305901, -1.9750326118, 2.9625489177, 0.496490015884] | [0.980538801367, -1.96107760273, 2.9416164041, 0.490976712381]',
    ],
    [
      'lr 0.05',
      { lr: 0.05 },
      '[0.997229848847, -1.99445969769, 2.99168954654, 0.499830604612] | [0.993629025846, -1.98725805169, 2.98088707754, 0.497668271618] | [0.989271647705, -1.97854329541, 2.96781494311, 0.493376776369]',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(inna(values), setup)).w, golden(expected));
  });

  test('comes down a banana valley without going round in it', async () => {
    const valley = (point: LossPoint) => rosenbrockLoss(point).div(100);
    const { loss } = await trajectory(inna({ alpha: 0.1, beta: 0.9 }), { w0: [-1, 1], loss: valley, steps: 1500 });
    expect(loss[1499]).toBeLessThan(1e-6);
  });

  test('keeps one float; with a zero gradient nothing moves', async () => {
    const still = await trajectory(inna(), { ...setup, loss: ({ w }) => w.flat.sum().mul(0) });
    expect(still.statePerParameter).toBe(1);
    expectClose(still.w[0], w0, { relative: 1e-14 });
  });

  test('is the flow of w" + alpha w\' + beta w" = 0 in the plane (w, psi): without friction and gradient psi - w stays', async () => {
    const { w, state } = await trajectory(inna({ alpha: 0, lr: 0.01 }), { ...setup, steps: 5 });
    // A = (psi - w) / beta moves both alike: only the gradient tells them apart.
    w.forEach((point, i) => {
      const before = i === 0 ? w0 : w[i - 1];
      const slope = before.map((x, j) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][j] * Math.cos(i + 1));
      const psi = state[i + 1]['state.psi'];
      const psiBefore = state[i]['state.psi'];
      expectClose(
        point.map((x, j) => psi[j] - x - (psiBefore[j] - before[j])),
        slope.map((g) => 0.01 * 0.1 * g),
        { relative: 1e-9 },
      );
    });
  });
});

describe('innaprop', () => {
  test.each([
    [
      'defaults',
      {},
      '[0.908898890513, -1.90779777859, 2.90669666721, 0.40944947101] | [0.822642288636, -1.81775355848, 2.81462331186, 0.273127405266] | [0.740626122293, -1.7281828913, 2.72176637326, 0.123243837858]',
    ],
    [
      'alpha = beta = 2, no decay',
      { alpha: 2, beta: 2, weightDecay: 0 },
      '[0.80000000361, -1.8000000018, 2.8000000012, 0.300000059033] | [0.676361260536, -1.6621649386, 2.65782305448, 0.0488331279981] | [0.605325493308, -1.5665724141, 2.55455233254, -0.161097525073]',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(innaprop({ lr: 0.1, ...values }), setup)).w, golden(expected));
  });

  test('alpha = beta = 1 is AdamW without momentum', async () => {
    const values = { lr: 0.1, weightDecay: 0.1 };
    const ours = await trajectory(innaprop({ ...values, alpha: 1, beta: 1, sigma: 0.99 }), { ...setup, steps: 20 });
    const theirs = await trajectory(adamw({ ...values, beta1: 0, beta2: 0.99 }), { ...setup, steps: 20 });
    expectClose(ours.w, theirs.w, { relative: 1e-12 });
  });

  test("lr = beta, where the form of the authors' code divides by zero, is an ordinary step", async () => {
    const step = (beta: number) => trajectory(innaprop({ lr: 0.1, beta }), setup);
    expectClose((await step(0.1)).w, (await step(0.1 + 1e-9)).w, { relative: 1e-6 });
  });

  test('keeps two floats', async () => {
    expect((await trajectory(innaprop(), setup)).statePerParameter).toBe(2);
  });
});
