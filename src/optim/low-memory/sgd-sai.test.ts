import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgdSai } from './sgd-sai.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('sgd-sai', () => {
  test('golden: a vector and a matrix alike', async () => {
    for (const start of [w0, asMatrix]) {
      const { w, state, statePerParameter } = await trajectory(sgdSai({ lr: 0.1 }), { ...setup, w0: start });
      const expected =
        '0.899179164972, -1.79835832994, 2.69753749492, 0.493395932686 | 0.801090661547, -1.60218132309, 2.40327198464, 0.479964941778 | 0.707386157539, -1.41477231508, 2.12215847262, 0.456382560543';
      expectClose(w, golden(expected));
      expectClose(state[3]['state.gsnr'], [1.80172181078]);
      expect(statePerParameter).toBe(1.25); // one for a parameter, one for the tensor
    }
  });

  test('the factor is sqrt(n - 1) for a gradient of mean 0, and more for others', async () => {
    const factor = async (gradient: readonly number[]) => {
      const loss = lossWithGradient(() => constant(gradient));
      const { state } = await trajectory(sgdSai({ eps: 1e-30 }), { w0: gradient, loss, steps: 1 });
      return state[1]['state.gsnr'][0];
    };
    expectClose([await factor([1, -1, 2, -2])], [Math.sqrt(3)], { relative: 1e-14 });
    expectClose([await factor([3, 4])], [5 / Math.SQRT1_2], { relative: 1e-13 });
    expect(await factor([1, 1.5, 2, 2.5])).toBeGreaterThan(Math.sqrt(3));
  });

  test('a tensor of one element stays, or takes the fallback', async () => {
    const start = { s: { shape: [], values: [2] } };
    const loss = ({ w }: LossPoint) => w.flat.square().sum();
    const values = { lr: 0.1, weightDecay: 0, momentum: 0 };
    expect((await trajectory(sgdSai(values), { w0: start, loss, steps: 1 })).w[0]).toEqual([2]);
    expectClose((await trajectory(sgdSai({ ...values, fallback: 0.5 }), { w0: start, loss, steps: 1 })).w[0], [1.8]);
  });

  test('without momentum it keeps the factors alone and steps along the gradient', async () => {
    const { w, statePerParameter } = await trajectory(sgdSai({ lr: 0.1, momentum: 0 }), setup);
    expect(statePerParameter).toBe(0.25);
    const averaged = await trajectory(sgdSai({ lr: 0.1, momentum: 1e-300 }), setup);
    expectClose(w, averaged.w, { relative: 1e-14 });
  });

  test('zero gradients, equal gradients and extreme scales give finite numbers', async () => {
    const equal = lossWithGradient(() => constant([1, 1, 1, 1]));
    const scaled = [0, 1e30, 1e-30].map((scale) => (point: LossPoint) => commonLoss(point).mul(scale));
    for (const loss of [equal, ...scaled]) {
      const { w } = await trajectory(sgdSai(), { ...setup, loss });
      expect(w.flat().every(Number.isFinite)).toBe(true);
    }
  });
});
