import { describe, expect, test } from 'vitest';
import { linear } from '../../optim/hyper.ts';
import { median } from '../analysis/statistics.ts';
import { drawSettings, unitPoints } from '../search/search.ts';
import { type AshaOptions, asha } from './asha.ts';
import { tunerPlan } from './index.ts';
import { rungSteps } from './rungs.ts';
import type { Probe, Result, Study } from './tuner.ts';

const space = { x: linear(0, 1), y: linear(0, 1), z: linear(0, 1) };
const start = { x: 0.5, y: 0.5, z: 0.5 };
const options = (given: Readonly<Record<string, unknown>> = {}): AshaOptions =>
  tunerPlan({ kind: 'asha', ...given }).options as AshaOptions;

/** Runs a study in the order of its list. */
function run(study: Study, given: AshaOptions, score: (probe: Probe) => number): readonly Probe[] {
  const results = new Map<string, Result>();
  for (;;) {
    const { probes, done } = asha.advise(study, given, results);
    if (done) return probes;
    for (const probe of probes) if (!results.has(probe.key)) results.set(probe.key, { score: score(probe), loss: 0 });
  }
}

describe('decisions', () => {
  const study: Study = { space, start, steps: 9, seed: 0 };

  test('one worker: three settings, then the best of them goes up; after nine, one of the second rung', () => {
    // Settings get better one by one: the third is the best of the first three, the fourth is the best of four.
    const worse = (probe: Probe) => 100 - Number(probe.key.split('@')[0]);
    const keys = run(study, options({ workers: 1, rungs: 3, budget: 2 }), worse).map(({ key }) => key);
    expect(keys.slice(0, 8)).toEqual(['0@1', '1@1', '2@1', '2@3', '3@1', '3@3', '4@1', '4@3']);
    // The fifth is the best of the three on the second rung, and no rung is above it.
    expect(keys[8]).toBe('4');
  });

  test('settings that get worse one by one go up when their rung has grown', () => {
    const better = (probe: Probe) => Number(probe.key.split('@')[0]);
    const keys = run(study, options({ workers: 1, rungs: 3, budget: 3 }), better).map(({ key }) => key);
    expect(keys.slice(0, 13)).toEqual([
      ...['0@1', '1@1', '2@1', '0@3'],
      ...['3@1', '4@1', '5@1', '1@3'],
      ...['6@1', '7@1', '8@1', '2@3', '0'],
    ]);
  });

  test('probes are open on as many virtual workers as there are, and a missing result stops only who needs it', () => {
    const given = options({ workers: 4, rungs: 3, budget: 3 });
    const open = (known: readonly string[]) =>
      asha
        .advise(study, given, new Map(known.map((key): [string, Result] => [key, { score: 1, loss: 0 }])))
        .probes.map(({ key }) => key);
    // Four begin. When they end, one of four may go up, and who depends on all four results.
    expect(open([])).toEqual(['0@1', '1@1', '2@1', '3@1']);
    expect(open(['0@1', '1@1', '3@1'])).toEqual(['0@1', '1@1', '2@1', '3@1']);
    expect(open(['0@1', '1@1', '2@1', '3@1'])).toEqual(['0@1', '1@1', '2@1', '3@1', '0@3', '4@1', '5@1', '6@1']);
    // With two workers, two end before anything can be promoted: two more begin without any result.
    const two = asha.advise(study, options({ workers: 2, rungs: 3, budget: 3 }), new Map());
    expect(two.probes.map(({ key }) => key)).toEqual(['0@1', '1@1', '2@1', '3@1']);
  });

  test('the budget is all that is spent', () => {
    for (const budget of [1, 2.5, 4, 11]) {
      const probes = run({ ...study, steps: 81 }, options({ budget }), ({ values }) => values.x);
      const until = new Map(probes.map((probe) => [probe.key, probe.until]));
      const spent = probes.reduce((sum, probe) => sum + probe.until - (until.get(probe.from ?? '') ?? 0), 0);
      expect(spent).toBeLessThanOrEqual(budget * 81);
      expect(spent).toBeGreaterThan(budget * 81 - 3);
    }
  });
});

/**
 * Synthetic learning curves: loss falls as a power of the steps towards an asymptote that grows with the square of the distance from the
 * best setting; the amplitude differs from setting to setting, so that early losses mislead to some degree.
 */
const curve = ({ x, y, z }: Probe['values'], steps: number): number =>
  (x - 0.3) ** 2 + (y - 0.6) ** 2 + (z - 0.45) ** 2 + (0.3 + 0.4 * ((7.3 * x + 3.1 * y) % 1)) / Math.sqrt(steps);

test('reaches 95% of the best achievable with a third of the budget of random search', () => {
  const steps = 243;
  const dense = unitPoints('sobol', 20_000, 3, 0).map(([x, y, z]) => curve({ x, y, z }, steps));
  const best = Math.min(...dense);
  const typical = dense.reduce((sum, value) => sum + value, 0) / dense.length;
  const goal = best + 0.05 * (typical - best);
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);

  /** Whole runs until one reached the goal. */
  const random = seeds.map((seed) => {
    const reached = unitPoints('random', 2000, 3, seed).findIndex(([x, y, z]) => curve({ x, y, z }, steps) <= goal);
    return reached < 0 ? Number.POSITIVE_INFINITY : reached + 1;
  });
  const given = options({ budget: 40, workers: 4, rungs: 5, method: 'random' });
  const halving = seeds.map((seed) => {
    const study: Study = { space, start, steps, seed };
    // What any probe would come to, so that one question is enough.
    const settings = drawSettings(space, { count: 40 * 81, seed, method: 'random' });
    const results = new Map<string, Result>();
    for (const [i, values] of settings.entries()) {
      for (const until of rungSteps(steps, 3, 5)) {
        results.set(until === steps ? `${i}` : `${i}@${until}`, { score: curve(values, until), loss: 0 });
      }
    }
    const { probes } = asha.advise(study, given, results);
    let spent = 0;
    const done = new Map<string, number>();
    for (const { key, values, until, from } of probes) {
      spent += until - (done.get(from ?? '') ?? 0);
      done.set(key, until);
      if (until === steps && curve(values, until) <= goal) return spent / steps;
    }
    return Number.POSITIVE_INFINITY;
  });
  // 18 whole runs and 316.
  expect(median(halving)).toBeLessThan(median(random) / 3);
});
