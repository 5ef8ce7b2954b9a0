import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { lars } from './lars.ts';

const run = (values: Parameters<typeof lars>[0] = {}, loss = (point: LossPoint) => commonLoss(point)) =>
  trajectory(lars({ lr: 0.1, ...values }), { w0: asMatrix, loss, steps: 3 });

describe('lars', () => {
  test.each([
    [
      '2017',
      {},
      '0.999899125361, -1.99979825072, 2.99969737608, 0.499993791577 | 0.999710306295, -1.99942061259, 2.99913091889, 0.499899173177 | 0.999447726373, -1.99889545275, 2.99834317912, 0.499664858593',
    ],
    [
      'as the LAMB paper has it',
      { form: 'lamb-paper', weightDecay: 0.01 },
      '0.899128209619, -1.79825641924, 2.69738462886, 0.493046822744 | 0.809023825611, -1.61804765122, 2.42707147683, 0.448908781605 | 0.729510662886, -1.45902132577, 2.18853198866, 0.377248992683',
    ],
  ] as const)('golden: %s', async (_, values, expected) => {
    const { w, statePerParameter } = await run(values);
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(1);
  });

  test('without decay the scale of the loss does not matter', async () => {
    const scaled = (point: LossPoint) => commonLoss(point).mul(1000);
    for (const form of ['2017', 'lamb-paper'] as const) {
      const values = { form, lr: 1, trust: 0.01, weightDecay: 0 };
      expectClose((await run(values, scaled)).w, (await run(values)).w, { relative: 1e-12 });
    }
  });

  test('vectors take plain momentum SGD, and excludedScale scales it', async () => {
    const plain = await trajectory(lars({ lr: 0.1, weightDecay: 0.01 }), { w0, loss: commonLoss, steps: 3 });
    const expected = await trajectory(sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.01 }), { w0, loss: commonLoss, steps: 3 }); // biome-ignore format: one line
    expectClose(plain.w, expected.w, { relative: 1e-14 });
    const scaled = await trajectory(lars({ lr: 1, weightDecay: 0.01, excludedScale: 0.1 }), { w0, loss: commonLoss, steps: 3 }); // biome-ignore format: one line
    expectClose(scaled.w, expected.w, { relative: 1e-14 });
  });

  test("a step of form 'lamb-paper' has the length lr |w|, kept within its bounds", async () => {
    const norm = (x: readonly number[]) => Math.hypot(...x);
    for (const [bounds, size] of [
      [{}, norm(w0)],
      [{ phiMax: 2 }, 2],
      [{ phiMin: 5 }, 5],
    ] as const) {
      // biome-ignore format: one line
      const { w } = await run({ form: 'lamb-paper', weightDecay: 0, ...bounds });
      expectClose([norm(w[0].map((x, i) => x - w0[i]))], [0.1 * size], { relative: 1e-12 });
    }
  });

  test('zero gradients, zero weights and extreme scales give finite numbers', async () => {
    const zero = { W: { shape: [2, 2], values: [0, 0, 0, 0], role: 'matrix' } } as const;
    for (const form of ['2017', 'lamb-paper'] as const) {
      for (const [start, scale] of [
        [zero, 1],
        [asMatrix, 0],
        [asMatrix, 1e30],
        [asMatrix, 1e-30],
      ] as const) {
        // biome-ignore format: one line
        const { w } = await trajectory(lars({ form }), {
          w0: start,
          loss: (point) => commonLoss(point).mul(scale),
          steps: 2,
        });
        expect(w.flat().every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('bounds that cannot hold are refused', () => {
    expect(() => lars({ form: 'lamb-paper', phiMin: 3, phiMax: 2 })).toThrow('phiMin is 3; it must lie in [0, phiMax]');
    expect(() => lars({ phiMax: 2 })).toThrow("form is '2017'");
  });
});
