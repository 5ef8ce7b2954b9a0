import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { at, factors, near } from '../../testing/factors.ts';
import { sgdr } from './sgdr.ts';

describe('sgdr', () => {
  test('golden', async () => {
    const found = await factors('sgdr', { cycle: 3, cycleGrowth: 2, floor: 0.1 }, 11);
    const expected = [1, 0.775, 0.325, 1, 0.939711431703, 0.775, 0.55, 0.325, 0.160288568297, 1, 0.98466662183];
    expectClose(found, expected, near);
  });

  test.each([
    [3, 1, [1, 4, 7, 10, 28, 301]],
    [3, 2, [1, 4, 10, 22, 46, 94, 190]],
    [2, 3, [1, 3, 9, 27, 81, 243]],
    [1, 10, [1, 2, 12, 112]],
  ])(
    'restarts after cycles of %d steps that grow %d-fold: steps %j, also beyond the horizon',
    async (cycle, cycleGrowth, restarts) => {
      const found = await factors('sgdr', { cycle, cycleGrowth, floor: 0.01 }, 302, 7);
      expectClose(
        at(found, ...restarts),
        restarts.map(() => 1),
        near,
      );
      const whole = found.flatMap((x, i) => (x > 1 - 1e-9 ? [i + 1] : []));
      expect(restarts.filter((t) => t <= 302).every((t) => whole.includes(t))).toBe(true);
      if (cycle > 1)
        expect(whole.filter((t) => t <= restarts[restarts.length - 1]).length).toBeGreaterThanOrEqual(restarts.length);
    },
  );

  test('cycles as a share of the run, peaks that fall, a warmup of each cycle', async () => {
    expectClose(await factors('sgdr', { cycle: 0.5 }, 4), [1, 0.5, 1, 0.5], near);
    const falling = await factors('sgdr', { cycle: 2, peakDecay: 0.1, floor: 0.05 }, 6);
    expectClose(falling, [1, 0.525, 0.1, 0.075, 0.05, 0.05], near);
    // The whole cycle grows, its warmup too being part of it: 4, then 8 steps.
    const longer = await factors('sgdr', { cycle: 4, cycleWarmup: 2, cycleGrowth: 2 }, 13);
    expectClose(at(longer, 1, 3, 5, 6, 7, 10, 13), [0, 1, 0, 0.5, 1, 0.5, 0], near);
    const warm = await factors('sgdr', { cycle: 4, cycleWarmup: 2, floor: 0.2 }, 8);
    expectClose(warm, [0.2, 0.6, 1, 0.6, 0.2, 0.6, 1, 0.6], near);
  });

  test('refuses a cycle that is all warmup', () => {
    expect(() => sgdr({ cycle: 4, cycleWarmup: 4 })).toThrow('cycleWarmup is 4; it must lie in [0, cycle), [0, 4)');
  });
});
