import { describe, expect, test } from 'vitest';
import { concat } from '../../tensor/functions.ts';
import { expectClose } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { amsgrad } from './amsgrad.ts';
import { optimisticAdam } from './optimistic-adam.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('optimistic-adam', () => {
  test('without optimism it is its base, which the start does not change', async () => {
    const of = async (values: Parameters<typeof optimisticAdam>[0]) =>
      (await trajectory(optimisticAdam({ lr: 0.1, optimism: 0, ...values }), setup)).w;
    const plain = (await trajectory(adam({ lr: 0.1 }), setup)).w;
    expectClose(await of({}), plain, { relative: 1e-14 });
    expectClose(await of({ start: 'current' }), plain, { relative: 1e-14 });
    const paper = (await trajectory(amsgrad({ lr: 0.1, variant: 'paper' }), setup)).w;
    expectClose(await of({ base: 'amsgrad' }), paper, { relative: 1e-14 });
  });

  test('the first step is twice that of Adam, or once where the direction before it is the same', async () => {
    const first = async (start: 'zero' | 'current') =>
      (await trajectory(optimisticAdam({ lr: 0.1, eps: 0, start }), { ...setup, steps: 1 })).w[0];
    expectClose(await first('zero'), [0.8, -1.8, 2.8, 0.3], { relative: 1e-14 });
    expectClose(await first('current'), [0.9, -1.9, 2.9, 0.4], { relative: 1e-14 });
  });

  test('takes the last direction back, and keeps it with the moments', async () => {
    const { w, state, statePerParameter } = await trajectory(optimisticAdam({ lr: 0.1, optimism: 0.7 }), setup);
    const [u1, u2] = [state[1]['state.last'], state[2]['state.last']];
    expectClose(
      w[1],
      w[0].map((x, i) => x - 0.1 * (1.7 * u2[i] - 0.7 * u1[i])),
      { relative: 1e-13 },
    );
    expect(statePerParameter).toBe(3);
  });

  test('finds the equilibrium of the game x y, around which Adam turns', async () => {
    // x descends and y ascends.
    const field = lossWithGradient(({ w }) =>
      concat([w.flat.at(0, 1).reshape([1]), w.flat.at(0, 0).neg().reshape([1])]),
    );
    const distance = async (optimizer: ReturnType<typeof adam>) => {
      const { w } = await trajectory(optimizer, { w0: [1, 2], loss: field, steps: 500 });
      return Math.hypot(...w[499]);
    };
    const values = { lr: 0.05, beta1: 0.5, beta2: 0.999 };
    expect(await distance(optimisticAdam({ ...values, optimism: 10 }))).toBeLessThan(0.1);
    expect(await distance(adam(values))).toBeGreaterThan(1);
  });
});
