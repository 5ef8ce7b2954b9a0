import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finalTrials, type MadeUpEnd, madeUpPlan, madeUpTask, madeUpTrials, tuneTrials } from '../../testing/race.ts';
import { scoreRace } from './score.ts';
import type { TaskScore } from './score-types.ts';

/** The score of one task from final ends alone. */
const score = (ends: Readonly<Record<string, readonly MadeUpEnd[]>>): TaskScore =>
  scoreRace(
    madeUpPlan({ competitors: Object.keys(ends) }),
    Object.entries(ends).flatMap(([label, values]) => finalTrials(label, values)),
  ).tasks[0];

describe('the ranking of a task', () => {
  test('names a winner whose paired intervals leave out zero', () => {
    const { rows, headline } = score({ b: [0.21, 0.31, 0.41], a: [0.1, 0.2, 0.3] });
    expect(rows.map(({ competitor, rank, tied }) => [competitor.label, rank, tied])).toEqual([
      ['a', 1, false],
      ['b', 2, false],
    ]);
    expect(headline).toBe(
      'a has the lowest validation error, 20.00% ± 25 over 3 seeds; every other is behind it by t tests paired by seed.',
    );
    expect(rows.map(({ behind }) => behind?.mean.toFixed(3))).toEqual([undefined, '0.110']);
    // t = 0.11 / 0.0058 with two degrees of freedom: p = 0.0014 on one side.
    expect(rows[0].probabilityBest).toBeGreaterThan(0.99);
    expect(rows[0].probabilityBest + rows[1].probabilityBest).toBeCloseTo(1, 12);
  });

  test('says tied where they do not', () => {
    const { rows, headline } = score({ a: [0.1, 0.2, 0.3], b: [0.3, 0.15, 0.2] });
    expect(rows.map(({ rank, tied }) => [rank, tied])).toEqual([
      [1, true],
      [1, true],
    ]);
    expect(headline).toBe('No winner: the validation error of both cannot be told apart over 3 seeds.');
  });

  test('names those that share the first place', () => {
    const { headline } = score({ a: [0.1, 0.12, 0.11], b: [0.11, 0.1, 0.12], c: [0.9, 0.92, 0.91] });
    expect(headline).toBe(
      'a and b are tied for first place: their validation error cannot be told apart over 3 seeds.',
    );
  });

  test('does not lift a competitor that scatters past one that is known to be worse', () => {
    const { rows, headline } = score({
      best: [0.1, 0.1, 0.1001],
      worse: [0.2, 0.2, 0.2001],
      scattered: [0.1, 0.9, 0.5],
    });
    expect(rows.map(({ competitor, rank }) => [competitor.label, rank])).toEqual([
      ['best', 1],
      ['worse', 2],
      ['scattered', 2],
    ]);
    expect(headline).toMatch(/every other but scattered, whose seeds scatter/);
  });

  test('proves nothing with one seed', () => {
    const { rows, headline } = score({ a: [0.1], b: [0.9] });
    expect(rows.map(({ rank }) => rank)).toEqual([1, 1]);
    expect(rows[0].probabilityBest).toBeNaN();
    expect(headline).toMatch(/^No winner can be named/);
  });

  test('says so where the seed makes no difference', () => {
    expect(score({ a: [0.1, 0.1, 0.1], b: [0.2, 0.2, 0.2] }).headline).toBe(
      'a has the lowest validation error, 10.00% ± 0.00, on a task where the seed makes no difference.',
    );
  });

  test('puts a competitor that diverged on a final seed last, however good its other seeds', () => {
    const { rows, headline } = score({ a: [0.01, 0.01, 'diverged'], b: [0.3, 0.3, 0.31] });
    expect(rows.map(({ competitor, rank, probabilityBest }) => [competitor.label, rank, probabilityBest])).toEqual([
      ['b', 1, Number.NaN],
      ['a', null, Number.NaN],
    ]);
    expect(headline).toMatch(/^b is the only competitor/);
  });

  test('of nobody', () => {
    expect(score({ a: [], b: ['diverged'] }).headline).toBe('No competitor finished a final run.');
  });
});

describe('speed-up', () => {
  test('is the ratio of mean steps to target', () => {
    // Errors of 0.05 and 0.08 cross 0.1 at the second and the fourth evaluation of 25 steps.
    const { rows } = score({ adamw: [0.08, 0.08, 0.08], fast: [0.05, 0.05, 0.05] });
    expect(rows.map(({ competitor, speedUp }) => [competitor.label, speedUp])).toEqual([
      ['fast', 2],
      ['adamw', 1],
    ]);
  });

  test('is not given where a run missed the target, or the baseline did', () => {
    expect(score({ adamw: [0.08, 0.08, 0.08], a: [0.05, 0.05, 0.2] }).rows[1].speedUp).toBeNull();
    const { rows } = score({ adamw: [0.08, 0.2, 0.08], a: [0.05, 0.05, 0.05] });
    expect(rows.map((row) => row.speedUp)).toEqual([null, null]);
  });
});

describe('the setting in the table', () => {
  const race = madeUpPlan({ competitors: ['a'] });

  test('is that of the final runs', () => {
    const tuning = tuneTrials('a', [0.3, 0.1, 0.2]);
    expect(scoreRace(race, [...tuning, ...finalTrials('a', [0.1])]).tasks[0].rows[0].best).toEqual({ lr: 0.1 });
  });

  test('is the best of the longest tuning trials before these began', () => {
    const tuning = tuneTrials('a', [0.3, 0.1, 0.05]).map((trial, i) =>
      i === 2 ? { ...trial, plan: { ...trial.plan, until: 50 } } : trial,
    );
    expect(scoreRace(race, tuning).tasks[0].rows[0].best).toEqual(tuning[1].plan.values);
    expect(scoreRace(race, []).tasks[0].rows[0].best).toBeNull();
  });
});

describe('a race', () => {
  test('scores the same whatever order its trials ended in', () => {
    const race = madeUpPlan({ tasks: ['x', 'y'], competitors: ['adamw', 'b', 'c'] });
    const trials = madeUpTrials(race, undefined, 8);
    const expected = scoreRace(race, trials);
    fc.assert(
      fc.property(fc.shuffledSubarray(trials, { minLength: trials.length }), (shuffled) => {
        expect(scoreRace(race, shuffled)).toEqual(expected);
      }),
      { numRuns: 5 },
    );
  });

  test('on one task has its headline, and nothing across', () => {
    const { headline, tasks, across, protocol } = scoreRace(
      madeUpPlan({ competitors: ['a', 'b'] }),
      finalTrials('a', [0.1]),
    );
    expect(across).toBeNull();
    expect(headline).toBe(tasks[0].headline);
    expect(protocol).toMatch(/tuned with/);
  });

  test('judges tasks by their own metrics and seeds', () => {
    const [byLoss, byError] = [madeUpTask('x', { target: { metric: 'loss', value: 1 } }), madeUpTask('y')];
    const race = madeUpPlan({ tasks: [byLoss, byError], competitors: ['a'] });
    const trials = [...finalTrials('a', [0.1, 0.2], byLoss), ...finalTrials('a', [0.3], byError)];
    const { tasks } = scoreRace(race, trials);
    expect(tasks.map(({ rows: [row] }) => [row.validation.mean.toFixed(4), row.validation.count])).toEqual([
      ['0.4500', 2],
      ['0.3000', 1],
    ]);
  });
});
