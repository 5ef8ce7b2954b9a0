import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { spsa } from './spsa.ts';

const delta = [[1, -1, 1, 1], [-1, -1, 1, -1], [1, 1, -1, 1]]; // biome-ignore format: a matrix
const setup = { w0, loss: commonLoss, steps: 3, random: (t: number) => delta[t - 1] };

describe('spsa', () => {
  test('golden', async () => {
    const { w } = await trajectory(spsa({ lr: 0.2, c: 0.1, stability: 10 }), setup);
    const expected =
      '[0.84143763659, -1.84143763659, 2.84143763659, 0.34143763659] | [0.904935341729, -1.77793993145, 2.77793993145, 0.404935341729] | [0.940420165858, -1.74245510732, 2.74245510732, 0.440420165858]';
    expectClose(w, golden(expected));
  });

  test('two loss values, no gradient, no state', async () => {
    const { calls, statePerParameter } = await trajectory(spsa(), setup);
    expect(calls[0]).toEqual({ loss: 2, gradient: 0, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(0);
  });

  test('stability below 1 is a share of the horizon', async () => {
    const share = await trajectory(spsa({ stability: 0.1 }), { ...setup, horizon: 100 });
    const steps = await trajectory(spsa({ stability: 10 }), setup);
    expect(share.w).toEqual(steps.w);
  });
});
