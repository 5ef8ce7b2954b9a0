import { expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { trajectory } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { withSchedule } from './schedule.ts';
import { swaRate } from './swa-rate.ts';

/** The rate of each step. */
async function rates(lr: number, values: Parameters<typeof swaRate>[0], steps: number): Promise<number[]> {
  const optimizer = withSchedule(sgd({ lr }), swaRate(values));
  const { w } = await trajectory(optimizer, { w0: [0], loss: (point) => point.w.flat.sum(), steps });
  return w.map(([x], i) => (i === 0 ? 0 : w[i - 1][0]) - x);
}
const near = { relative: 1e-9, absolute: 1e-13 };

test('golden: to the constant of averaging, epochs as steps', async () => {
  const found = await rates(0.1, { swaRateStart: 161, swaFactor: 0.5 }, 201);
  const expected = [0.1, 0.1, 0.0996118012422, 0.0848602484472, 0.0538043478261, 0.05, 0.05, 0.05];
  expectClose(
    [0, 80, 81, 100, 140, 145, 160, 200].map((epoch) => found[epoch]),
    expected,
    near,
  );
});

test('golden: cycles', async () => {
  const found = await rates(0.05, { swaRateStart: 0, swaFactor: 1, cycleSteps: 5, cycleLow: 0.2 }, 6);
  expectClose(found, [0.042, 0.034, 0.026, 0.018, 0.01, 0.042], near);
});

test("PyTorch's SWALR: the full rate, then annealed; no cycles", async () => {
  const values = { swaRateStart: 2, swaFactor: 0.5, annealSteps: 2 } as const;
  expectClose(await rates(1, { ...values, approach: 'linear' }, 6), [1, 1, 1, 0.75, 0.5, 0.5], near);
  expectClose(await rates(1, { ...values, approach: 'cos' }, 6), [1, 1, 1, 0.75, 0.5, 0.5], near);
  expect(() => swaRate({ approach: 'cos', cycleLow: 0.5 })).toThrow(
    'swa-rate: cycleLow is 0.5; with approach cos it must be 1',
  );
});
