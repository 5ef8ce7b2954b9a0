import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { adamod } from './adamod.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('adamod', () => {
  test.each([
    [
      'paper',
      0.9,
      '0.99000000018, -1.99000000009, 2.99000000006, 0.490000002952 | 0.971961857843, -1.97193643914, 2.97192798615, 0.420242407816 | 0.947321829775, -1.94718837, 2.94714406514, 0.332783989',
    ],
    [
      'code',
      0.9,
      '0.990000005708, -1.99000000285, 2.9900000019, 0.490000093339 | 0.964636319768, -1.96459165489, 2.9645767865, 0.410341349158 | 0.925138880848, -1.92483469298, 2.92473351451, 0.322826481756',
    ],
    [
      'paper',
      0.999,
      '0.999900000002, -1.9999, 2.9999, 0.49990000003 | 0.99971011615, -1.99971011338, 2.99971011246, 0.499126830001 | 0.999436711847, -1.9994366964, 2.99943669125, 0.497770132874',
    ],
    [
      'code',
      0.999,
      '0.999900000057, -1.99990000003, 2.99990000002, 0.499900000933 | 0.999628379876, -1.99962837488, 2.99962837321, 0.498502629667 | 0.999172516787, -1.99917247994, 2.99917246765, 0.495143640899',
    ],
  ] as const)('golden: %s, beta3 %d', async (variant, beta3, expected) => {
    const { w } = await trajectory(adamod({ lr: 0.1, beta3, variant }), setup);
    expectClose(w, golden(expected));
  });

  test("the first step is 1 - beta3 of Adam's, and with beta3 0 it is Adam", async () => {
    const plain = await trajectory(adam({ lr: 0.1 }), { ...setup, steps: 10 });
    const capped = await trajectory(adamod({ lr: 0.1, beta3: 0.99 }), setup);
    expectClose(
      capped.w[0].map((x, i) => x - w0[i]),
      plain.w[0].map((x, i) => 0.01 * (x - w0[i])),
      { relative: 1e-12 },
    );
    const uncapped = await trajectory(adamod({ lr: 0.1, beta3: 0 }), { ...setup, steps: 10 });
    expectClose(uncapped.w, plain.w, { relative: 1e-13 });
  });

  test('no rate exceeds the average of the rates', async () => {
    const lr = 0.1;
    const { w, state } = await trajectory(adamod({ lr, beta3: 0.9 }), { ...setup, loss: flippingLoss, steps: 30 });
    w.forEach((now, k) => {
      const before = k === 0 ? w0 : w[k - 1];
      const { 'state.m': m, 'state.s': s } = state[k + 1];
      now.forEach((x, i) => {
        const rate = Math.abs((before[i] - x) / (m[i] / (1 - 0.9 ** (k + 1))));
        expect(rate).toBeLessThanOrEqual(s[i] * (1 + 1e-9));
      });
    });
  });

  test('keeps three floats', async () => {
    expect((await trajectory(adamod(), setup)).statePerParameter).toBe(3);
  });
});
