import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { defineSchedule, withSchedule } from '../schedules/schedule.ts';
import { gravity } from './gravity.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('gravity', () => {
  test('golden: V_0 = 0.05, -0.05, 0.1, 0', async () => {
    const { w } = await trajectory(gravity(), { ...setup, random: () => [0.5, -0.5, 1, 0] });
    const expected =
      '0.985840443627, -1.98758235612, 2.98660622368, 0.498761693608 | 0.966127858437, -1.96818876816, 2.96812155006, 0.488471312538 | 0.943273246578, -1.9429122794, 2.94410544502, 0.470304893428';
    expectClose(w, golden(expected));
  });

  test('golden: from rest', async () => {
    const { w } = await trajectory(gravity({ alpha: 0 }), setup);
    const expected =
      '0.989007110294, -1.99074902278, 2.99293955702, 0.498761693608 | 0.971508463565, -1.97360624548, 2.97893265183, 0.488481981191 | 0.950267524095, -1.95003922695, 2.95830815528, 0.470358579992';
    expectClose(w, golden(expected));
  });

  test('the first velocity spreads by alpha / lr, whatever a schedule makes of lr', async () => {
    const halved = defineSchedule({
      id: 'halved',
      summary: '',
      source: '',
      hyper: {},
      multiplier: () => scalar(0.5, 'float64'),
    });
    const resting = lossWithGradient(() => constant([0, 0, 0, 0]));
    const given = { w0, loss: resting, steps: 1, random: () => [1, 2, -3, 0] };
    const { state, programs } = await trajectory(withSchedule(gravity({ lr: 0.2 }), halved()), given);
    expectClose(
      state[1]['state.velocity'],
      [1, 2, -3, 0].map((z) => ((1.9 / 3) * z * 0.01) / 0.2),
    );
    expect(programs).toBe(1);
  });

  test('draws at the first step only: two programs, of which one serves all later steps', async () => {
    expect((await trajectory(gravity(), { ...setup, steps: 10 })).programs).toBe(2);
    expect((await trajectory(gravity({ alpha: 0 }), { ...setup, steps: 10 })).programs).toBe(1);
  });

  test("the authors' Keras code counts from 0", async () => {
    const first = async (counting: 'from-0' | 'from-1') =>
      (await trajectory(gravity({ alpha: 0, counting }), { ...setup, steps: 1 })).w[0].map((x, i) => w0[i] - x);
    const [keras, torch] = [await first('from-0'), await first('from-1')];
    // 1 - beta^ is 1/2 there and (2 - beta) / 3 here.
    expectClose(
      keras,
      torch.map((x) => (x * 0.5 * 3) / 1.1),
      { relative: 1e-12 },
    );
  });

  test('claim: no damped gradient exceeds 1 / (2 max|g|); small gradients pass undamped; zero gradients stay zero', async () => {
    const velocity = async (g: number[]) => {
      const loss = lossWithGradient(() => constant(g));
      const { state } = await trajectory(gravity({ alpha: 0, beta: 0 }), { ...setup, loss, steps: 1 });
      // beta^_1 = 1/3.
      return state[1]['state.velocity'].map((v) => v * 1.5);
    };
    for (const g of [
      [1, 2, 3, 4],
      [0.1, -1, 0.5, 0.3],
      [1e30, 1, -1e10, 1e-3],
    ]) {
      const bound = 1 / (2 * Math.max(...g.map(Math.abs)));
      for (const zeta of await velocity(g)) expect(Math.abs(zeta)).toBeLessThanOrEqual(bound * (1 + 1e-12));
    }
    expectClose(await velocity([1, 0.5, 0.25, 0]), [0.5, 0.4, 0.25 / 1.0625, 0]);
    expectClose(await velocity([1e-6, 2e-6, -3e-6, 0]), [1e-6, 2e-6, -3e-6, 0], { relative: 1e-10 });
    expect(await velocity([0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
  });

  test('the maximum is taken tensor by tensor', async () => {
    const start = {
      a: { shape: [2], values: [1, -2] },
      b: { shape: [], values: [3] },
      c: { shape: [1, 1], values: [0.5] },
    };
    const { w, statePerParameter } = await trajectory(gravity({ alpha: 0 }), { ...setup, w0: start, steps: 1 });
    const g = w0.map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    const largest = [Math.abs(g[1]), Math.abs(g[1]), g[2], g[3]];
    expectClose(
      w[0],
      w0.map((x, i) => x - (0.1 * (1.1 / 3) * g[i]) / (1 + (g[i] * largest[i]) ** 2)),
    );
    expect(statePerParameter).toBe(1);
  });
});
