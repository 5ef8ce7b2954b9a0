import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linear, log, logOneMinus } from '../../optim/hyper.ts';
import { testRandom } from '../../testing/draw.ts';
import { tunerPlan, tuners } from './index.ts';
import type { Advice, Probe, Result, Study, Tuner } from './tuner.ts';

/** Every tuner of the list, with its defaults (but where these take long) and with options that make it small or unlike them. A new tuner is here by itself. */
const variants: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  'quasi-random': [{ trials: 1 }, { trials: 20, method: 'halton' }],
  'successive-halving': [{ configurations: 7, eta: 2, rungs: 3 }, { configurations: 1 }, { rungs: 1 }],
  hyperband: [{ eta: 2, rungs: 3 }, { tableRounding: true }],
  asha: [
    { budget: 2, workers: 1 },
    { budget: 6, workers: 9, eta: 2 },
    { budget: 1, rungs: 2 },
  ],
  population: [
    { population: 4, generations: 3, exploit: 'tournament', explore: 'add' },
    { population: 5, generations: 12, copyValues: false, share: 0.5 },
  ],
  tpe: [{ trials: 14, parallel: 3 }],
  'gaussian-process': [{ trials: 9, parallel: 2 }],
};

/** Defaults that would take long: a Gaussian process of thirty settings is fitted anew for every one of them. */
const slow = ['gaussian-process'];

const cases = tuners.flatMap((tuner) =>
  [...(slow.includes(tuner.kind) ? [] : [{}]), ...(variants[tuner.kind] ?? [])].map((options) => ({
    name: `${tuner.kind} ${JSON.stringify(options)}`,
    tuner,
    options: tunerPlan({ kind: tuner.kind, ...options }).options,
  })),
);

const space = { lr: log(1e-4, 1), beta: logOneMinus(0.5, 0.999), decay: linear(0, 0.2) };
const studyWith = (seed: number, steps = 54): Study => ({
  space,
  start: { lr: 1e-3, beta: 0.9, decay: 0 },
  steps,
  seed,
});

type Objective = (probe: Probe) => Result;

/** Learning rates far from the best are bad, too large ones diverge; it falls along training, for each setting at its own speed. */
const objective: Objective = ({ values: { lr, beta, decay }, until }) => {
  const score = (Math.log10(lr) + 2) ** 2 + 3 * (beta - 0.9) ** 2 + decay + (0.2 + beta) / Math.sqrt(until);
  return lr > 0.4 ? failed : { score, loss: 2 * score };
};
const failed: Result = { score: Number.POSITIVE_INFINITY, loss: Number.POSITIVE_INFINITY };

/** Runs a study to its end; `pick` says which of the probes that could run ends next. */
function tune(
  tuner: Tuner,
  study: Study,
  options: unknown,
  pick: (open: number) => number,
  score: Objective = objective,
  seen: (advice: Advice, results: ReadonlyMap<string, Result>) => void = () => {},
) {
  const results = new Map<string, Result>();
  const { probes: most } = tuner.most(study, options);
  for (;;) {
    const advice = tuner.advise(study, options, results);
    seen(advice, results);
    if (advice.done) return { advice, results };
    const open = advice.probes.filter(
      ({ key, from }) => !results.has(key) && (from === undefined || results.has(from)),
    );
    if (open.length === 0) throw new Error('the tuner waits for nothing');
    if (results.size >= most) throw new Error(`more than ${most} probes`);
    const probe = open[pick(open.length)];
    results.set(probe.key, score(probe));
  }
}

const inListOrder = () => 0;
const atRandom = (seed: number) => {
  const random = testRandom(seed);
  return (open: number) => Math.floor(random() * open);
};

const byKey = (probes: readonly Probe[]): Probe[] => [...probes].sort((a, b) => (a.key < b.key ? -1 : 1));
const indexed = ({ probes }: Advice): Probe[] => probes.map((probe, place) => ({ index: place, ...probe }));

describe.each(cases)('$name', ({ tuner, options }) => {
  test('any order of ending gives the same probes and the same choice', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(), (seed, order) => {
        const study = studyWith(seed);
        const orderly = tune(tuner, study, options, inListOrder);
        const disorderly = tune(tuner, study, options, atRandom(order));
        expect(byKey(indexed(disorderly.advice))).toEqual(byKey(indexed(orderly.advice)));
        expect(disorderly.advice.done).toEqual(orderly.advice.done);
      }),
      { numRuns: 4 },
    );
  });

  test('a probe that was asked for stays asked for, with its index', () => {
    const asked = new Map<string, Probe>();
    tune(tuner, studyWith(1), options, atRandom(2), objective, (advice) => {
      const now = new Map(indexed(advice).map((probe) => [probe.key, probe]));
      for (const [key, probe] of asked) expect(now.get(key)).toEqual(probe);
      for (const [key, probe] of now) asked.set(key, probe);
    });
  });

  test('the order in which results are told does not matter, nor what was asked before', () => {
    const random = testRandom(3);
    tune(tuner, studyWith(2), options, atRandom(4), objective, (advice, results) => {
      if (random() < 0.8) return;
      const shuffled = new Map([...results].reverse());
      expect(tuner.advise(studyWith(2), options, shuffled)).toEqual(advice);
    });
  });

  test('it keeps to the number of probes and steps that it gave', () => {
    for (const steps of [1, 2, 7, 54]) {
      const study = studyWith(5, steps);
      const { advice } = tune(tuner, study, options, inListOrder);
      const until = new Map(advice.probes.map((probe) => [probe.key, probe.until]));
      const spent = advice.probes.reduce((sum, probe) => sum + probe.until - (until.get(probe.from ?? '') ?? 0), 0);
      const most = tuner.most(study, options);
      expect(advice.probes.length).toBeLessThanOrEqual(most.probes);
      expect(spent).toBeLessThanOrEqual(most.steps);
      if (most.fewer) continue;
      const sound = tune(tuner, study, options, inListOrder, (probe) => ({ score: probe.values.lr, loss: 0 }));
      expect(sound.advice.probes).toHaveLength(most.probes);
    }
  });

  test('probes are sound: keys and indices differ, values lie in their ranges, and a later part goes on from an earlier one', () => {
    const { advice } = tune(tuner, studyWith(6), options, atRandom(7));
    const probes = indexed(advice);
    expect(new Set(probes.map(({ key }) => key)).size).toBe(probes.length);
    expect(new Set(probes.map(({ index }) => index)).size).toBe(probes.length);
    const earlier = new Map<string, Probe>();
    for (const probe of probes) {
      expect(probe.key).not.toMatch(/\//);
      expect(Object.keys(probe.values)).toEqual(Object.keys(space));
      for (const [name, { low, high }] of Object.entries(space)) {
        expect(probe.values[name]).toBeGreaterThanOrEqual(low * (1 - 1e-12));
        expect(probe.values[name]).toBeLessThanOrEqual(high * (1 + 1e-12));
      }
      expect(Number.isInteger(probe.until) && probe.until >= 1 && probe.until <= 54).toBe(true);
      if (probe.from !== undefined) {
        const source = earlier.get(probe.from);
        expect(source?.keep).toBe(true);
        expect(source?.until).toBeLessThan(probe.until);
      }
      earlier.set(probe.key, probe);
    }
  });

  test('its choice is one of its probes, and has a finite score', () => {
    const { advice, results } = tune(tuner, studyWith(8), options, inListOrder);
    const best = advice.done?.best;
    if (!best) throw new Error('nothing was chosen');
    expect(advice.probes).toContainEqual(best);
    expect(Number.isFinite(results.get(best.key)?.score)).toBe(true);
  });

  test('where everything fails, it ends and chooses nothing', () => {
    const { advice } = tune(tuner, studyWith(9), options, atRandom(1), () => failed);
    expect(advice.done).toEqual({ best: null });
  });

  test('where some fail at random, it ends all the same', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = testRandom(seed);
        const fails = new Map<string, boolean>();
        const flaky: Objective = (probe) => {
          const fate = fails.get(probe.key) ?? random() < 0.4;
          fails.set(probe.key, fate);
          return fate ? failed : objective(probe);
        };
        expect(tune(tuner, studyWith(10), options, inListOrder, flaky).advice.done).not.toBeNull();
      }),
      { numRuns: 3 },
    );
  });
});

// A search on grids begins at the defaults, whatever the seed.
test.each(tuners.filter(({ kind }) => kind !== 'coordinate-descent'))(
  'two seeds of $kind try different settings',
  (tuner) => {
    const { options } = tunerPlan(tuner.kind);
    const first = (seed: number) =>
      tuner.advise(studyWith(seed), options, new Map()).probes.map(({ values }) => values);
    expect(first(1)).not.toEqual(first(2));
  },
);

test('every tuner says what it is, and every option what it does', () => {
  for (const { kind, summary, source, options } of tuners) {
    expect(kind).toMatch(/^[a-z-]+$/);
    expect(summary.length).toBeGreaterThan(20);
    expect(source).toMatch(/\d{4}/);
    const shape = (options as unknown as { readonly shape: Readonly<Record<string, { description?: string }>> }).shape;
    for (const [name, option] of Object.entries(shape)) expect(option.description, `${kind}: ${name}`).toBeTruthy();
  }
  expect(new Set(tuners.map(({ kind }) => kind)).size).toBe(tuners.length);
});

test('a wrong option is refused by its name', () => {
  const refusal = (given: Parameters<typeof tunerPlan>[0]) => () => tunerPlan(given);
  expect(refusal('hyperbnd')).toThrow("tuner: there is no tuner 'hyperbnd'; did you mean 'hyperband'?");
  expect(refusal({ kind: 'asha', eta: 1 })).toThrow('tuner.eta is 1; it must be at least 2');
  expect(refusal({ kind: 'asha', bugdet: 1 })).toThrow("tuner: there is no option 'bugdet'; did you mean 'budget'?");
  expect(refusal({ kind: 'population', factors: [2, 3] })).toThrow('tuner.factors[0] is 2; it must be less than 1');
  expect(refusal({ kind: 'quasi-random', trials: 1.5 })).toThrow('tuner.trials is 1.5; it must be a whole number');
});
