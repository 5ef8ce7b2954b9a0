import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { sgd } from '../first-order/sgd.ts';
import { clipByGlobalNorm, clipByValue } from './clip.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('clip', () => {
  test('golden: global norm', async () => {
    const expected =
      '0.973277444321, -1.94655488864, 2.91983233296, 0.498365909496 | 0.947346951352, -1.8946939027, 2.84204085406, 0.474147456173 | 0.922989244015, -1.84597848803, 2.76896773205, 0.432991298599';
    expectClose((await trajectory(clipByGlobalNorm(sgd({ lr: 0.1 })), setup)).w, golden(expected));
  });

  test("golden: PyTorch's form", async () => {
    const { w } = await trajectory(clipByGlobalNorm(sgd({ lr: 0.1 }), { clipForm: 'pytorch' }), setup);
    expectClose(w[0], [0.97327745721, -1.94655491442, 2.91983237163, 0.498365910284]);
  });

  test('golden: value', async () => {
    const expected =
      '0.95, -1.95, 2.95, 0.496612092235 | 0.906661468365, -1.9, 2.9, 0.455135614161 | 0.871228319913, -1.85, 2.85, 0.405135614161';
    expectClose((await trajectory(clipByValue(sgd({ lr: 0.1 }), { maxValue: 0.5 }), setup)).w, golden(expected));
  });

  test('a gradient that is short enough passes untouched, a zero one too', async () => {
    const clipped = await trajectory(clipByGlobalNorm(sgd({ lr: 0.1 }), { maxNorm: 100 }), setup);
    expect(clipped.w).toEqual((await trajectory(sgd({ lr: 0.1 }), setup)).w);
    const still = await trajectory(clipByGlobalNorm(sgd()), { ...setup, loss: ({ w }) => w.flat.sum().mul(0) });
    expect(still.w[2]).toEqual([...w0]);
  });

  /** Its gradient is infinite at step 2. */
  const broken = ({ w, t }: LossPoint) => w.flat.sum().div(t.sub(2)).mul(t);

  test('a norm that is not finite makes everything NaN, so that a run is seen to diverge', async () => {
    const { w } = await trajectory(clipByGlobalNorm(adam()), { ...setup, loss: broken });
    expect(w[2].every(Number.isNaN)).toBe(true);
  });

  test("nonFinite 'skip' leaves parameters and state as they were in such a step", async () => {
    const { w, state } = await trajectory(clipByGlobalNorm(adam(), { nonFinite: 'skip' }), { ...setup, loss: broken });
    expect(w[1]).toEqual(w[0]);
    expect(state[2]).toEqual(state[1]);
    expect(w[2]).not.toEqual(w[1]);
    expect(w[2].every(Number.isFinite)).toBe(true);
  });

  test.each([1.1, 1.15, 1.2, 1.25])('keeps a linear recurrence from exploding, from %d', async (start) => {
    // x_50 = w^50 / 2 must be 0.7: the gradient at w > 1 is a cliff.
    const loss = ({ w }: LossPoint) => w.flat.cast('float64').pow(50).mul(0.5).sub(0.7).square().sum();
    const free = await trajectory(sgd({ lr: 1e-3 }), { w0: [start], loss, steps: 1 });
    expect(Math.abs(free.w[0][0])).toBeGreaterThan(10);
    const clipped = await trajectory(clipByGlobalNorm(sgd({ lr: 1e-3 })), { w0: [start], loss, steps: 2000 });
    expect(clipped.loss[1999]).toBeLessThan(1e-3);
  });
});
