import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { adamax } from './adamax.ts';

describe('adamax', () => {
  test('golden', async () => {
    const { w, statePerParameter } = await trajectory(adamax({ lr: 0.1 }), { w0, loss: commonLoss, steps: 3 });
    expectClose(
      w,
      golden(
        '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.813749679909, -1.81137235934, 2.81057991913, 0.342989245958 | 0.738724893447, -1.731778211, 2.7294450218, 0.282858863429',
      ),
    );
    expect(statePerParameter).toBe(2);
  });

  test("the paper's form, without eps, does not see the scale of gradients, and survives gradients of 0", async () => {
    const scaled = (scale: number) =>
      trajectory(adamax({ lr: 0.1, eps: 0 }), { w0, loss: (at) => commonLoss(at).mul(scale), steps: 3 });
    expectClose((await scaled(1e-20)).w, (await scaled(1)).w, { relative: 1e-13 });
    expect((await scaled(0)).w[2]).toEqual([...w0]);
  });

  test('no step is longer than 1.0092 lr under Cauchy gradients, where Adam takes longer ones', async () => {
    // Quantiles of the Cauchy distribution at a low-discrepancy sequence.
    const cauchy = lossWithGradient(({ t }) => {
      const x = t.mul(0.6180339887498949);
      const angle = x.sub(x.floor()).sub(0.5).mul(Math.PI);
      return angle.sin().div(angle.cos()).reshape([1]).cast('float32');
    });
    const longest = async (optimizer: ReturnType<typeof adam>) => {
      const { w } = await trajectory(optimizer, { w0: [0], loss: cauchy, steps: 600 });
      return Math.max(...w.map(([x], i) => Math.abs(x - (w[i - 1]?.[0] ?? 0))));
    };
    expect(await longest(adamax({ lr: 1, eps: 0 }))).toBeLessThanOrEqual(1.0092);
    expect(await longest(adam({ lr: 1 }))).toBeGreaterThan(1.1);
  });
});
