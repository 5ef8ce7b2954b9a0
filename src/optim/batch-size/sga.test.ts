import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { type LossPoint, trajectory } from '../../testing/trajectory.ts';
import { sga } from './sga.ts';

const c = constant([0.1, -0.2, 0.3, -0.4], { dtype: 'float64' });
/** Minus the attack loss whose inner gradients are c cos(j) - d / 2, j counting on over the steps. */
const attack =
  (M: number) =>
  ({ w, t, batch }: LossPoint) => {
    const d = w.flat.cast('float64');
    const j = t
      .sub(1)
      .mul(M)
      .add(batch + 1);
    return d.square().sum().mul(0.25).sub(d.dot(c).mul(j.cos()));
  };
const setup = { w0: [0, 0, 0, 0], loss: attack(3), steps: 3 };
const values = { lr: 0.1, radius: 0.15, innerBatches: 3 };

describe('sga', () => {
  test('golden', async () => {
    const { w, calls, statePerParameter } = await trajectory(sga(values), setup);
    expectClose(w, golden('-0.1, 0.1, -0.1, 0.1 | 0, 0, 0, 0 | -0.1, 0.1, -0.1, 0.1'));
    expect(calls[0].gradient).toBe(3);
    expect(statePerParameter).toBe(0);
  });

  test('golden: with momentum, whose state shows the mean inner gradients', async () => {
    const { w, state } = await trajectory(sga({ ...values, momentum: 0.9 }), setup);
    expectClose(w[1], [0, 0, 0, 0.15]);
    expectClose(w[2], [-0.1, 0.1, -0.1, 0.05]);
    // v_1 = A / |A|_1, of the descended loss.
    const A = [-0.0455279009093, 0.074389135152, -0.103250369395, 0.132111603637];
    const size = A.reduce((sum, x) => sum + Math.abs(x), 0);
    expectClose(
      Object.values(state[1])[0],
      A.map((x) => -x / size),
    );
  });

  test('golden: the mean inner gradients of later steps', async () => {
    const start = (w0: number[], first: number) => ({
      ...setup,
      w0,
      steps: 1,
      loss: (point: LossPoint) => attack(3)({ ...point, t: point.t.add(first) }),
    });
    const means = golden(
      '0.0696729617083, -0.0893459234167, 0.109018885125, -0.128691846833 | -0.0267576013783, 0.03684853609, -0.0469394708017, 0.0570304055133',
    );
    for (const [i, w0] of [
      [-0.1, 0.1, -0.1, 0.1],
      [0, 0, 0, 0],
    ].entries()) {
      const { state } = await trajectory(sga({ ...values, momentum: 0.5 }), start(w0, i + 1));
      const size = means[i].reduce((sum, x) => sum + Math.abs(x), 0);
      expectClose(
        Object.values(state[1])[0],
        means[i].map((x) => -x / size),
      );
    }
  });

  test('without the search every gradient is at one point: the step of one large batch', async () => {
    const still = await trajectory(sga({ ...values, preSearch: false }), setup);
    const mean = (point: LossPoint) =>
      [0, 1, 2].map((batch) => attack(3)({ ...point, batch })).reduce((a, b) => a.add(b));
    const whole = await trajectory(sga({ ...values, innerBatches: 1 }), { ...setup, loss: mean });
    expectClose(still.w, whole.w);
    const one = { ...values, innerBatches: 1 };
    const single = { ...setup, loss: attack(1) };
    expect((await trajectory(sga(one), single)).w).toEqual(
      (await trajectory(sga({ ...one, preSearch: false }), single)).w,
    );
  });

  test('without a radius nothing is cut; no gradient, no step', async () => {
    const { w } = await trajectory(sga({ ...values, radius: 0, lr: 10 }), { ...setup, steps: 1 });
    expectClose(w, [[-10, 10, -10, 10]]);
    const idle = await trajectory(sga({ ...values, momentum: 0.9 }), {
      ...setup,
      loss: ({ w: x }) => x.flat.sum().mul(0),
    });
    expect(idle.w).toEqual([setup.w0, setup.w0, setup.w0]);
  });
});
