import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { factors, near } from '../../testing/factors.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { sgd } from '../first-order/sgd.ts';
import type { Optimizer, StepContext } from '../optimizer.ts';
import { oneCycle } from './one-cycle.ts';
import { withSchedule } from './schedule.ts';

const momenta = [
  0.95, 0.9, 0.85, 0.854951556605, 0.868825509907, 0.888873953302, 0.911126046698, 0.931174490093, 0.945048443395, 0.95,
];

/** The base's value of a hyperparameter at each step, read as a weight. */
async function seen(base: Optimizer, name: string, steps: number): Promise<number[]> {
  const spy: Optimizer = {
    ...base,
    init: () => ({}),
    step: ({ w, state, oracle, hyper }: StepContext) => ({
      w: oracle
        .grad(w)
        .mul(0)
        .add(hyper[name] as StepContext['t']),
      state,
    }),
  };
  const { w } = await trajectory(withSchedule(spy, oneCycle()), {
    w0: [0],
    loss: (point) => point.w.flat.sum(),
    steps,
  });
  return w.map(([x]) => x);
}

describe('one-cycle', () => {
  test('golden: the rate', async () => {
    const expected = [
      0.04, 0.52, 1, 0.950484632013, 0.81174565395, 0.611262021936, 0.388741978064, 0.18825834605, 0.0495193679865,
      4e-6,
    ];
    expectClose(await factors('one-cycle', {}, 10), expected, near);
  });

  test('golden: the momentum, of SGD and as beta1 of Adam', async () => {
    expectClose(await seen(sgd({ momentum: 0.5 }), 'momentum', 10), momenta);
    expectClose(await seen(adam(), 'beta1', 10), momenta);
    expectClose(await seen(adam(), 'beta2', 2), [0.999, 0.999]);
  });

  test('momentum that is switched off stays off', async () => {
    const setup = { w0, loss: commonLoss, steps: 10 };
    const cycled = await trajectory(withSchedule(sgd({ lr: 0.1 }), oneCycle()), setup);
    const still = await trajectory(withSchedule(sgd({ lr: 0.1 }), oneCycle({ cycleMomentum: false })), setup);
    expect(cycled.w).toEqual(still.w);
    expect(cycled.statePerParameter).toBe(0);
  });

  test('one maximum, the last executed step has the last rate, which stays', async () => {
    const found = await factors('one-cycle', { rise: 0.25, finalDiv: 100 }, 22, 20);
    expect(found.filter((x) => x > 1 - 1e-12)).toHaveLength(1);
    expectClose(found.slice(-3), [0.0004, 0.0004, 0.0004], near);
  });

  test.each([0, 0.05, 1])('a rise of %d of 10 steps is finite, and ends at the last rate', async (rise) => {
    const found = await factors('one-cycle', { rise }, 10);
    expect(found.every((x) => x >= 0 && x <= 1)).toBe(true);
    expectClose(found.slice(-1), [rise === 1 ? 1 : 4e-6], near);
  });

  test('a rise that ends with the first step begins at the peak', async () => {
    const [first, second] = await factors('one-cycle', { rise: 0.1 }, 10);
    expectClose([first], [1], near);
    expect(second).toBeLessThan(1);
  });

  test('refuses three phases in more than the run, and momenta the wrong way round', () => {
    expect(() => oneCycle({ threePhase: true, rise: 0.6 })).toThrow(
      'rise is 0.6; with threePhase it must lie in [0, 0.5]',
    );
    expect(() => oneCycle({ baseMomentum: 0.96 })).toThrow('baseMomentum is 0.96');
  });
});
