import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from './sgd.ts';
import { sgdClip } from './sgd-clip.ts';

const run = (values: Parameters<typeof sgdClip>[0], setup: Partial<Parameters<typeof trajectory>[1]> = {}) =>
  trajectory(sgdClip({ lr: 0.1, ...values }), { w0, loss: commonLoss, steps: 3, ...setup });
const length = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]));

describe('sgd-clip', () => {
  test.each<[string, Parameters<typeof sgdClip>[0], string]>([
    [
      'gamma 0.05',
      { gamma: 0.05 },
      '0.986638722161, -1.97327744432, 2.95991616648, 0.499182954748 | 0.97366302506, -1.94732605012, 2.92098907518, 0.487231470073 | 0.961435073671, -1.92287014734, 2.88430522101, 0.467065140029',
    ],
    [
      'momentum',
      { gamma: 0.3, momentum: 0.9 },
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.865067979008, -1.73013595802, 2.59520393703, 0.458507777203 | 0.787005100739, -1.57401020148, 2.36101530222, 0.390048895354',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test('golden: Nesterov', async () => {
    const { w } = await run({ gamma: 0.3, momentum: 0.9, nesterov: true });
    expectClose(w[0], [0.919832332965, -1.83966466593, 2.7594969989, 0.495097728487]);
    expectClose(w[2], [0.764117189861, -1.52823437972, 2.29235156958, 0.356440253354]);
  });

  test('golden: with a gamma that is never reached it is SGD', async () => {
    const { w } = await run({ gamma: 1 });
    expectClose(w[2], [0.866352091603, -1.73270418321, 2.59905627481, 0.392779133589]);
    expectClose(w, (await trajectory(sgd({ lr: 0.1 }), { w0, loss: commonLoss, steps: 3 })).w, { relative: 1e-15 });
  });

  const steep = ({ w }: LossPoint) => w.flat.square().square().mul(0.25).add(w.flat.square().mul(0.05)).sum();
  test.each(['direction', 'mixed'] as const)('no step is longer than gamma: clipBy %s', async (clipBy) => {
    const { w } = await run({ gamma: 1, momentum: 0.9, clipBy }, { loss: steep, w0: [10, -10], steps: 20 });
    w.slice(1).forEach((row, i) => {
      expect(length(row, w[i])).toBeLessThanOrEqual(1 + 1e-12);
    });
  });

  test('descends where plain SGD overflows within ten steps', async () => {
    const setup = { loss: steep, w0: [10], steps: 60 };
    expect((await run({ gamma: 1 }, setup)).loss.at(-1)).toBeLessThan(1);
    expect((await trajectory(sgd({ lr: 0.1 }), setup)).w[9][0]).toBeNaN();
  });

  test("clipBy 'gradient' has the rate of the raw gradient and moves along the momentum", async () => {
    const { w } = await run({ gamma: 0.05, momentum: 0.9, weightDecay: 0.1, clipBy: 'gradient' });
    const g = w0.map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    const rate = Math.min(0.1, 0.05 / Math.hypot(...g));
    expectClose(
      w[0],
      w0.map((x, i) => x - rate * (g[i] + 0.1 * x)),
      { relative: 1e-9 },
    );
  });

  test('the mixed forms: nu 0 is clipped SGD, nu 1 clipped momentum; the soft one never exceeds the hard one', async () => {
    expectClose((await run({ gamma: 0.05, momentum: 0.9, clipBy: 'mixed', nu: 0 })).w, (await run({ gamma: 0.05 })).w, {
      relative: 1e-14,
    });
    const mixed = await run({ gamma: 0.01, momentum: 0.9, clipBy: 'mixed', nu: 1 });
    // An average is a sum times 1 - momentum: with a tenth of lr the sum goes the same way where both are clipped, and where neither is.
    expectClose(mixed.w, (await run({ lr: 0.01, gamma: 0.01, momentum: 0.9 })).w, { relative: 1e-8 });
    const soft = await run({ gamma: 0.05, momentum: 0.5, clipBy: 'mixed-soft', nu: 0.4 });
    const g = w0.map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    const rate = (norm: number) => 0.1 / (1 + (0.1 * norm) / 0.05);
    const norm = Math.hypot(...g);
    const step = 0.4 * rate(0.5 * norm) * 0.5 + 0.6 * rate(norm);
    expectClose(
      soft.w[0],
      w0.map((x, i) => x - step * g[i]),
      { relative: 1e-13 },
    );
  });

  test('keeps a buffer only with momentum; refuses Nesterov without', async () => {
    expect((await run({})).statePerParameter).toBe(0);
    expect((await run({ momentum: 0.9 })).statePerParameter).toBe(1);
    expect(() => sgdClip({ nesterov: true })).toThrow('nesterov is true but momentum is 0');
    expect(() => sgdClip({ nesterov: true, momentum: 0.9, clipBy: 'mixed' })).toThrow("clipBy is 'mixed'");
    expect(() => sgdClip({ gamma: 0 })).toThrow('gamma is 0; it must lie in (0, inf)');
  });
});
