import { describe, expect, test } from 'vitest';
import { linear, log, logOneMinus } from '../../optim/hyper.ts';
import { tunerPlan } from './index.ts';
import { evolve, type PopulationOptions, population } from './population.ts';
import type { Advice, Probe, Result, Study } from './tuner.ts';

const options = (given: Readonly<Record<string, unknown>>): PopulationOptions =>
  tunerPlan({ kind: 'population', ...given }).options as PopulationOptions;

/**
 * The paper's toy (section 4, figure 2): maximise Q = 1.2 - (a^2 + b^2), where a member only sees a surrogate 1.2 - (h a^2 + k b^2) with its
 * hyperparameters h and k, and follows its gradient with rate 0.02 from (0.9, 0.9). The two members begin with (1, 0) and (0, 1), so that
 * alone neither can move both parameters.
 */
function toy(given: Readonly<Record<string, unknown>>, seed = 0): number {
  const study: Study = { space: { h: linear(0, 1), k: linear(0, 1) }, start: { h: 1, k: 1 }, steps: 200, seed };
  const states = new Map<string, { readonly until: number; readonly a: number; readonly b: number }>();
  const results = new Map<string, Result>();
  const train = ({ key, from, until, values: { h, k } }: Probe): void => {
    const begin = from === undefined ? { until: 0, a: 0.9, b: 0.9 } : states.get(from);
    if (!begin) throw new Error(`${key} goes on from ${from}, which did not run`);
    const steps = until - begin.until;
    const end = { until, a: begin.a * (1 - 0.04 * h) ** steps, b: begin.b * (1 - 0.04 * k) ** steps };
    states.set(key, end);
    results.set(key, { score: end.a ** 2 + end.b ** 2 - 1.2, loss: 0 });
  };
  const all = options({ population: 2, exploit: 'tournament', generations: 50, resample: 0, ...given });
  const initial = [
    { h: 1, k: 0 },
    { h: 0, k: 1 },
  ];
  for (;;) {
    const { probes, done } = evolve(study, all, initial, results);
    if (done) return -(results.get(done.best?.key ?? '')?.score ?? Number.NaN);
    for (const probe of probes) if (!results.has(probe.key)) train(probe);
  }
}

describe("the paper's toy problem", () => {
  const seeds = [0, 1, 2, 3, 4];

  test('without copying, one parameter never moves: 1.2 - 0.81', () => {
    expect(toy({ generations: 1 })).toBeCloseTo(0.39, 4);
  });

  test('copying parameters alone solves it', () => {
    expect(toy({ copyValues: false })).toBeCloseTo(1.1995, 3);
  });

  test('copying parameters and hyperparameters, with steps added to these, solves it better', () => {
    for (const seed of seeds) expect(toy({ explore: 'add' }, seed)).toBeGreaterThan(1.1995);
  });

  test('multiplying cannot leave a 0: the trap of hyperparameters that begin there', () => {
    for (const seed of seeds) expect(toy({ explore: 'multiply' }, seed)).toBeLessThan(0.45);
  });
});

/** A generation whose members end with these scores, and the probes of the next. */
function next(
  scores: readonly number[],
  given: Readonly<Record<string, unknown>>,
  study: Study = wide,
): readonly Probe[] {
  const all = options({ population: scores.length, generations: 2, ...given });
  const first = population.advise(study, all, new Map()).probes;
  const results = new Map(first.map(({ key }, i): [string, Result] => [key, { score: scores[i], loss: 0 }]));
  const advice: Advice = population.advise(study, all, results);
  return advice.probes.slice(scores.length);
}

const wide: Study = {
  space: { lr: log(1e-9, 1e9), beta: logOneMinus(-1e9, 1 - 1e-9) },
  start: { lr: 1, beta: 0 },
  steps: 100,
  seed: 3,
};
const parents = (probes: readonly Probe[]): number[] => probes.map(({ from }) => Number(from?.split('@')[0]));

describe('exploit', () => {
  const scores = [5, 1, 9, 3, 8, 2, 7, 4, 6, 0];

  test('truncation: the worst two of ten go on from one of the best two, all others from themselves', () => {
    const from = parents(next(scores, {}));
    from.forEach((parent, member) => {
      if (scores[member] >= 8) expect([1, 9]).toContain(parent);
      else expect(parent).toBe(member);
    });
  });

  test('tournament: whoever goes on from another one goes on from a better one, and the best from itself', () => {
    for (const seed of [0, 1, 2, 3]) {
      const from = parents(next(scores, { exploit: 'tournament' }, { ...wide, seed }));
      expect(from[9]).toBe(9);
      from.forEach((parent, member) => {
        expect(scores[parent]).toBeLessThanOrEqual(scores[member]);
      });
      expect(from.filter((parent, member) => parent !== member).length).toBeGreaterThan(1);
    }
  });

  test('a member that diverged has nothing to go on from and copies another', () => {
    const infinite = Number.POSITIVE_INFINITY;
    for (const exploit of ['truncation', 'tournament']) {
      const from = parents(next([infinite, 2, infinite, 1, infinite, 3], { exploit }));
      for (const member of [0, 2, 4]) expect(from[member]).toBe(3);
    }
  });
});

describe('explore', () => {
  const scores = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const copies = (given: Readonly<Record<string, unknown>>, study = wide) => {
    const all = options({ population: 10, generations: 2, ...given });
    const before = population.advise(study, all, new Map()).probes;
    const after = next(scores, given, study);
    return after.flatMap((probe, member) => {
      const [parent] = parents([probe]);
      return parent === member ? [] : [{ now: probe.values, source: before[parent].values }];
    });
  };

  test('multiplies by 0.8 or 1.2, a momentum by its distance from 1', () => {
    for (const seed of [0, 1, 2]) {
      for (const { now, source } of copies({ resample: 0 }, { ...wide, seed })) {
        const near = (ratio: number) => [0.8, 1.2].some((factor) => Math.abs(ratio / factor - 1) < 1e-9);
        expect(near(now.lr / source.lr)).toBe(true);
        expect(near((1 - now.beta) / (1 - source.beta))).toBe(true);
      }
    }
  });

  test('adds at most a tenth of the range on its scale', () => {
    const space = { lr: log(1e-4, 1) };
    for (const seed of [0, 1, 2]) {
      for (const { now, source } of copies({ explore: 'add', resample: 0 }, { ...wide, space, seed })) {
        expect(Math.abs(Math.log10(now.lr / source.lr))).toBeLessThanOrEqual(0.4 + 1e-12);
        expect(now.lr).not.toBe(source.lr);
      }
    }
  });

  test('draws anew as often as it is told to', () => {
    const study = { ...wide, space: { lr: log(1e-4, 1) } };
    const share = (resample: number) => {
      const seeds = Array.from({ length: 60 }, (_, seed) => seed);
      const all = seeds.flatMap((seed) => copies({ resample }, { ...study, seed }));
      const multiplied = ({ now, source }: (typeof all)[number]) =>
        [0.8, 1.2].some((factor) => Math.abs(now.lr / source.lr / factor - 1) < 1e-9);
      // Values at the edge of the range are cut off there.
      return all.filter((copy) => !multiplied(copy) && copy.now.lr < 1 && copy.now.lr > 1e-4).length / all.length;
    };
    expect(share(0)).toBe(0);
    expect(share(0.25)).toBeGreaterThan(0.15);
    expect(share(0.25)).toBeLessThan(0.35);
    expect(share(1)).toBe(1);
  });

  test('changes parameters only, where hyperparameters are not copied', () => {
    const before = population.advise(wide, options({ population: 10, generations: 2 }), new Map()).probes;
    const after = next(scores, { copyValues: false });
    expect(after.map(({ values }) => values)).toEqual(before.map(({ values }) => values));
    expect(parents(after)).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
