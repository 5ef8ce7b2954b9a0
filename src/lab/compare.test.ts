import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { about } from '../testing/labs.ts';
import { finishedOutcome, madeUpPlan, madeUpTask, trialPlan } from '../testing/race.ts';
import { scoreRace } from './analysis/score.ts';
import { type Compared, compareRaces, unpaired } from './compare.ts';
import type { RacePlan } from './plan.ts';
import type { TrialSummary } from './store/lab.ts';

const summary = (competitor: string, index: number, metric: number, changes: Partial<TrialSummary> = {}) => ({
  ...trialPlan(competitor, 'final', index),
  state: 'ended' as const,
  attempts: 1,
  status: 'finished' as const,
  loss: 3 * metric,
  metric,
  test: metric,
  seconds: 1,
  error: null,
  ...changes,
});

const compared = (id: string, plan: RacePlan, trials: readonly TrialSummary[]): Compared => ({
  race: {
    id,
    name: plan.name,
    status: 'finished',
    created: '2026-01-01T00:00:00.000Z',
    tasks: plan.tasks.map(({ label }) => label),
    competitors: plan.competitors.map(({ label }) => label),
    protocol: plan.protocol.kind,
    ended: trials.length,
    failed: 0,
    running: 0,
    seconds: 1,
    holder: null,
    plan,
    ...about,
  },
  trials,
});

const runs = (competitor: string, values: readonly number[]) =>
  values.map((value, index) => summary(competitor, index, value));

describe('one race', () => {
  const plan = madeUpPlan({ competitors: ['sgd', 'adamw', 'lion'] });
  const values = { sgd: [0.21, 0.22, 0.2], adamw: [0.11, 0.12, 0.1], lion: [0.1, 0.14, 0.09] };
  const trials = Object.entries(values).flatMap(([name, errors]) => runs(name, errors));

  test('sets each competitor beside the baseline, paired by seed, and calls tied what cannot be told apart', () => {
    const rows = compareRaces([compared('r', plan, trials)]);
    expect(rows.map(({ competitor, verdict }) => [competitor, verdict])).toEqual([
      ['sgd', 'worse'],
      ['adamw', 'reference'],
      ['lion', 'tied'],
    ]);
    expect(rows[0]).toMatchObject({ paired: true, difference: { count: 3 }, finished: 3, runs: 3 });
    expect(rows[0].difference?.mean).toBeCloseTo(0.1, 12);
    expect(rows[2].difference?.mean).toBeCloseTo(0, 12);
  });

  test('without a baseline sets them beside the best mean', () => {
    const rows = compareRaces([compared('r', { ...plan, baseline: null }, trials)]);
    // Both have the mean 0.11; the first of them is the reference.
    expect(rows.map(({ verdict }) => verdict).filter((verdict) => verdict === 'reference')).toHaveLength(1);
    expect(rows.find(({ competitor }) => competitor === 'sgd')?.verdict).toBe('worse');
  });

  test('never says more than the table of the race: who is worse than the first is behind it there', () => {
    const value = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        const all = { sgd: a, adamw: b, lion: c };
        const own = { ...plan, baseline: null };
        const rows = compareRaces([
          compared(
            'r',
            own,
            Object.entries(all).flatMap(([n, e]) => runs(n, e)),
          ),
        ]);
        const table = scoreRace(
          own,
          Object.entries(all).flatMap(([name, errors]) =>
            errors.map((error, index) => {
              const trial = trialPlan(name, 'final', index);
              return { plan: trial, outcome: finishedOutcome(trial, error) };
            }),
          ),
        ).tasks[0].rows;
        for (const row of table.slice(1)) {
          const here = rows.find(({ competitor }) => competitor === row.competitor.label);
          expect(here?.verdict).toBe(row.behindFirst ? 'worse' : 'tied');
        }
      }),
      { numRuns: 50 },
    );
  });

  test('one whose runs did not all end is judged by nobody', () => {
    const diverged = summary('lion', 3, Number.NaN, { status: 'diverged', metric: Number.NaN });
    const rows = compareRaces([compared('r', plan, [...trials, diverged])]);
    expect(rows[2]).toMatchObject({ verdict: 'unsound', difference: null, finished: 3, runs: 4 });
    const none = compareRaces([compared('r', plan, runs('adamw', values.adamw))]);
    expect(none[0]).toMatchObject({ verdict: 'unsound', runs: 0 });
  });
});

describe('several races', () => {
  const plan = madeUpPlan({ competitors: ['adamw', 'sgd'] });
  const before = compared('before', plan, [...runs('adamw', [0.11, 0.12, 0.1]), ...runs('sgd', [0.3, 0.31, 0.32])]);

  test('set each competitor beside itself in the first one', () => {
    const after = compared('after', plan, [...runs('adamw', [0.09, 0.1, 0.081]), ...runs('sgd', [0.31, 0.3, 0.32])]);
    const rows = compareRaces([before, after]);
    expect(rows.map(({ race, competitor, verdict, paired }) => [race, competitor, verdict, paired])).toEqual([
      ['before', 'adamw', 'reference', false],
      ['after', 'adamw', 'better', true],
      ['before', 'sgd', 'reference', false],
      ['after', 'sgd', 'tied', true],
    ]);
    expect(rows[1].difference?.mean).toBeCloseTo(-0.059 / 3, 12);
  });

  test('are not paired where a seed means another run, and alone is what only one has', () => {
    const other = madeUpPlan({
      tasks: [madeUpTask('made-up', { batchSize: 16 })],
      competitors: ['adamw', 'muon'],
    });
    const rows = compareRaces([before, compared('after', other, runs('adamw', [0.5, 0.51, 0.49]))]);
    expect(rows.map(({ race, competitor, verdict, paired }) => [race, competitor, verdict, paired])).toEqual([
      ['before', 'adamw', 'reference', false],
      ['after', 'adamw', 'worse', false],
      ['before', 'sgd', 'alone', false],
      ['after', 'muon', 'alone', false],
    ]);
  });

  test('of many comparisons only those count that hold together (Holm)', () => {
    const names = Array.from({ length: 10 }, (_, i) => `m${i}`);
    const many = madeUpPlan({ competitors: names });
    const race = (id: string, shift: (i: number) => readonly number[]) =>
      compared(
        id,
        many,
        names.flatMap((name, i) => runs(name, shift(i))),
      );
    // p is 0.0091 for each of the nine, below 0.05 but not below 0.05 / 9; for the last one it is far below.
    const rows = compareRaces([
      race('a', () => [0.1, 0.2, 0.3]),
      race('b', (i) => (i === 9 ? [0.2, 0.3, 0.4000001] : [0.11, 0.212, 0.314])),
    ]);
    const verdicts = rows.filter(({ race }) => race === 'b').map(({ verdict }) => verdict);
    expect(verdicts).toEqual([...Array(9).fill('tied'), 'worse']);
  });
});

test("Welch's test is that of scipy, with whole degrees of freedom", () => {
  // scipy: ttest_ind(a, b, equal_var=False) has t = 5.39910076006561 with 6.83 degrees of freedom; with 6 of them p is 2 * t.sf(t, 6), and
  // half the interval t.ppf(0.975, 6) times the standard error.
  const { difference, p } = unpaired([5.1, 4.9, 5.4, 5.0], [4.1, 4.6, 4.3, 4.4, 4.0]);
  expect(difference.mean).toBeCloseTo(0.82, 12);
  expect(p).toBeCloseTo(0.0016653002948493788, 12);
  expect(difference.halfWidth).toBeCloseTo(0.3716299819369365, 12);
});
