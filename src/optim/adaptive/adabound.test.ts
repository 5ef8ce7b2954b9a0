import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { defineSchedule, withSchedule } from '../schedules/schedule.ts';
import { adabound, rateBounds } from './adabound.ts';
import { adam } from './adam.ts';

type Values = Parameters<typeof adabound>[0];
const run = (values: Values, steps = 3) => trajectory(adabound(values), { w0, loss: commonLoss, steps });
const common = { finalLr: 0.1, gamma: 0.5 };

describe('adabound', () => {
  test.each<[string, Values, string]>([
    [
      'bounds inactive',
      { lr: 0.1 },
      '0.900000057078, -1.90000002854, 2.90000001903, 0.400000933393 | 0.80190614116, -1.80137060322, 2.80121451219, 0.319737675916 | 0.70679497049, -1.70461200854, 2.70400034033, 0.232225414974',
    ],
    [
      'bounds active',
      common,
      '0.998153232565, -1.99630646513, 2.99445969769, 0.499000009334 | 0.993372786864, -1.98674557373, 2.98011836059, 0.496767759788 | 0.985823782644, -1.97164756529, 2.95747134793, 0.490490645007',
    ],
    [
      'AMSBound',
      { ...common, beta2: 0.5, amsbound: true },
      '0.998153232565, -1.99630646513, 2.99445969769, 0.499000000417 | 0.993372786864, -1.98674557373, 2.98011836059, 0.496767750894 | 0.985823782644, -1.97164756529, 2.95747134793, 0.490490636164',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test.each([
    [1, 9.99000999001e-5, 100.1],
    [100, 0.00909090909091, 1.1],
    [1e4, 0.0909090909091, 0.11],
  ])('golden: the band at t = %d', (t, low, high) => {
    const number = (x: number) => scalar(x, 'float64');
    const { lower, upper } = rateBounds(number(0.1), number(1e-3), number(t));
    expectClose(
      evaluate([lower, upper], new Map()).map(({ data }) => data[0]),
      [low, high],
    );
  });

  test('under a schedule both lr and the band are scaled', async () => {
    const halved = defineSchedule({
      id: 'halved',
      summary: '',
      source: '',
      hyper: {},
      multiplier: () => scalar(0.5, 'float64'),
    });
    const setup = { w0, loss: commonLoss, steps: 6 };
    const scheduled = await trajectory(withSchedule(adabound({ lr: 0.02, ...common }), halved()), setup);
    const plain = await trajectory(adabound({ lr: 0.01, finalLr: 0.05, gamma: 0.5 }), setup);
    expectClose(scheduled.w, plain.w, { relative: 1e-14 });
  });

  test("the paper's form corrects no bias, and divides by sqrt(t)", async () => {
    // So large an lr that the upper bound always acts: the paper's rate is upper / sqrt(t).
    const values = { lr: 1e3, finalLr: 0.1, gamma: 0.5, beta1: 0 } as const;
    const code = await run(values, 2);
    const paper = await run({ ...values, form: 'paper' }, 2);
    expectClose(paper.w[0], code.w[0], { relative: 1e-14 });
    const g2 = (w: readonly number[]) => w.map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(2));
    const rate = (0.1 * 2) / Math.SQRT2;
    expectClose(
      paper.w[1],
      paper.w[0].map((x, i) => x - rate * g2(paper.w[0])[i]),
    );
    // Where the bounds do not act, the first step is lr (1 - beta1) g / (sqrt((1 - beta2) g^2) + eps).
    const free = await run({ lr: 1e-3, gamma: 1e-3, beta1: 0.9, eps: 0, form: 'paper' }, 1);
    expectClose(
      free.w[0],
      [1, -2, 3, 0.5].map((x, i) => x - ((1e-3 * 0.1) / Math.sqrt(1e-3)) * [1, -1, 1, 1][i]),
    );
  });

  test('with a band that never closes it is Adam with eps beside the uncorrected root', async () => {
    const open = await run({ lr: 0.1, gamma: 1e-12, eps: 0 }, 20);
    const plain = await trajectory(adam({ lr: 0.1, eps: 0 }), { w0, loss: commonLoss, steps: 20 });
    expectClose(open.w, plain.w, { relative: 1e-12 });
  });

  test('decay enters the gradient, or shrinks w by lr times it or by it alone (AdaBoundW)', async () => {
    const at = async (values: Values) => (await run({ lr: 0.01, ...values }, 1)).w[0];
    const plain = await at({});
    const shrunk = (rate: number) => plain.map((x, i) => x - rate * w0[i]);
    expectClose(await at({ weightDecay: 0.1, decay: 'decoupled' }), shrunk(0.001));
    expectClose(await at({ weightDecay: 0.1, decay: 'fixed' }), shrunk(0.1));
    // The first step is lr sign(g) whatever is added to g.
    expectClose(await at({ weightDecay: 0.1 }), plain, { relative: 1e-6 });
  });

  test('keeps two floats, AMSBound three; refuses a band that is open', async () => {
    expect((await run({}, 1)).statePerParameter).toBe(2);
    expect((await run({ amsbound: true }, 1)).statePerParameter).toBe(3);
    expect(() => adabound({ gamma: 0 })).toThrow('adabound: gamma is 0; it must lie in (0, 1)');
  });
});
