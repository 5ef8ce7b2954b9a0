import { describe, expect, test } from 'vitest';
import { where } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { diffgrad } from './diffgrad.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('diffgrad', () => {
  test('golden', async () => {
    const { w } = await trajectory(diffgrad({ lr: 0.1 }), setup);
    const expected =
      '0.936493023365, -1.92482328699, 2.9159481706, 0.449153578663 | 0.884112784781, -1.86982424783, 2.85847611412, 0.402134274019 | 0.833848698531, -1.81776332938, 2.80487443131, 0.353997477918';
    expectClose(w, golden(expected));
  });

  test('the released code is Adam at half its rate from the second step on, and the golden tells the two apart', async () => {
    const released = await trajectory(diffgrad({ lr: 0.1, eps: 0, variant: 'released' }), { ...setup, steps: 20 });
    const corrected = await trajectory(diffgrad({ lr: 0.1, eps: 0 }), setup);
    expectClose(released.w[0], corrected.w[0], { relative: 1e-14 });
    // A gradient that depends on t only, so that both see the same ones.
    const loss = ({ w, t }: LossPoint) => w.flat.mul(t.sin().add(1.5)).sum();
    const given = { w0: [0], loss, steps: 20 };
    const steps = ({ w }: { w: readonly (readonly number[])[] }) => w.slice(1).map((now, k) => now[0] - w[k][0]);
    const half = await trajectory(diffgrad({ lr: 0.1, eps: 0, variant: 'released' }), given);
    const whole = await trajectory(adam({ lr: 0.1, eps: 0 }), given);
    expectClose(
      steps(half),
      steps(whole).map((x) => x / 2),
      { relative: 1e-11 },
    );
    expect(Math.abs(released.w[1][0] - corrected.w[1][0])).toBeGreaterThan(1e-3);
  });

  test("claim: on the paper's function F1 Adam overshoots into the local minimum at 0.2, diffGrad ends at -0.3", async () => {
    const F1 = ({ w }: LossPoint) => {
      const x = w.flat;
      return where(x.le(0), x.add(0.3).square(), x.sub(0.2).square().add(0.05)).sum();
    };
    const end = async (optimizer: ReturnType<typeof adam>) =>
      (await trajectory(optimizer, { w0: [-1], loss: F1, steps: 299 })).w[298][0];
    const values = { lr: 0.1, beta1: 0.95 };
    expect(Math.abs((await end(diffgrad(values))) + 0.3)).toBeLessThan(0.01);
    expect(Math.abs((await end(adam(values))) - 0.2)).toBeLessThan(0.01);
  });

  test('claim: on F2 Adam ends at the local minimum near 0, diffGrad at the global one; without the inner factor 8 elsewhere', async () => {
    const F2 = ({ w }: LossPoint) => {
      const x = w.flat;
      const wave = x
        .pow(3)
        .add(x.mul(x.mul(8).sin()))
        .add(0.85);
      return where(x.le(-0.9), x.mul(-40).sub(35.15), wave).sum();
    };
    const notebook = lossWithGradient(({ w }) => {
      const x = w.flat;
      const slope = x
        .mul(8)
        .sin()
        .add(x.mul(x.mul(8).cos()))
        .add(x.square().mul(3));
      return where(x.le(-0.9), -40, slope);
    });
    const end = async (optimizer: ReturnType<typeof adam>, loss = F2) =>
      (await trajectory(optimizer, { w0: [-1], loss, steps: 299 })).w[298][0];
    const values = { lr: 0.1, beta1: 0.95 };
    expect(Math.abs((await end(diffgrad(values))) + 0.643)).toBeLessThan(0.005);
    expect(Math.abs((await end(diffgrad(values), notebook)) + 0.812)).toBeLessThan(0.005);
    expect(Math.abs(await end(adam(values)))).toBeLessThan(0.1);
  });

  test('keeps three floats, the released code two', async () => {
    expect((await trajectory(diffgrad(), setup)).statePerParameter).toBe(3);
    expect((await trajectory(diffgrad({ variant: 'released' }), setup)).statePerParameter).toBe(2);
  });
});
