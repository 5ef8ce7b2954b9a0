import { describe, expect, test } from 'vitest';
import {
  competitorPlan,
  divergedOutcome,
  finishedOutcome,
  madeUpPlan,
  madeUpTask,
  playRace,
} from '../../testing/race.ts';
import { scoreRace } from '../analysis/score.ts';
import type { Outcome, RacePlan, TrialPlan } from '../plan.ts';
import { protocolPlan } from './index.ts';
import { oneForAll } from './one-for-all.ts';

const tasks = ['a', 'b', 'c', 'd'].map((label) => madeUpTask(label, { steps: 400, evaluations: 100 }));

const raceOf = (options: Readonly<Record<string, unknown>> = {}, changes: Partial<RacePlan> = {}): RacePlan => ({
  ...madeUpPlan({ tasks, competitors: ['adamw', competitorPlan('dog', { space: {}, start: {} })] }),
  protocol: protocolPlan({ kind: 'one-for-all', ...options }),
  ...changes,
});

const optionsOf = (race: RacePlan) => race.protocol.options as Parameters<typeof oneForAll.plan>[1];

/** Errors of a bowl around a learning rate of its own on each task, which ends 1.2% away on each further seed. */
const bowl = (plan: TrialPlan): Outcome => {
  const best = { a: -2, b: -2.5, c: -1.5, d: -2 }[plan.task] as number;
  const away = plan.competitor === 'dog' ? 0.5 : Math.log10(Number(plan.values.lr)) - best;
  return finishedOutcome(plan, 0.05 * (1 + 0.3 * away ** 2) * (1 + 0.012 * plan.seed), { target: 0.1, start: 5 });
};

describe('the settings that are tried', () => {
  test('are the same on every task: the defaults, and points of the tuning ranges', () => {
    const race = raceOf({ points: 6 });
    const plans = oneForAll.plan(race, optionsOf(race), new Map()).filter((plan) => !oneForAll.aside?.(plan));
    const settings = tasks.map(({ label }) =>
      plans.filter(({ task, competitor }) => task === label && competitor === 'adamw').map(({ values }) => values.lr),
    );
    expect(settings[0]).toHaveLength(7);
    expect(settings[0][0]).toBe(1e-3);
    for (const other of settings) expect(other).toEqual(settings[0]);
    expect(plans.every(({ seed }) => seed === race.tuneSeed)).toBe(true);
    expect(plans.every(({ evaluateStart }) => evaluateStart)).toBe(true);
    // What has nothing to tune has one setting.
    expect(plans.filter(({ competitor }) => competitor === 'dog')).toHaveLength(4);
  });

  test('have a horizon where several are given, and their schedule ends there', () => {
    const race = raceOf({ points: 12, horizons: [0.25, 0.5] });
    const plans = oneForAll.plan(race, optionsOf(race), new Map());
    for (const competitor of ['adamw', 'dog']) {
      const own = plans.filter((plan) => plan.competitor === competitor && !oneForAll.aside?.(plan));
      expect(new Set(own.map(({ steps }) => steps))).toEqual(new Set([100, 200, 400]));
      expect(own.every(({ steps, until }) => steps === until)).toBe(true);
    }
  });

  test('need at least two tasks', () => {
    const race = raceOf({}, { tasks: tasks.slice(0, 1) });
    expect(() => oneForAll.check?.(race, optionsOf(race))).toThrow(/at least 2 tasks, not 1/);
  });
});

describe('the one setting', () => {
  /** Times to target of the defaults and two points, by task; the configuration of the middle is good everywhere. */
  const times = [
    [40, 80, 120, null],
    [48, 60, 240, 400],
    [200, 244, 120, null],
  ];
  const table = (plan: TrialPlan): Outcome => {
    const { targetReached: _, ...outcome } = finishedOutcome(plan, 0.2);
    const step = times[Math.min(2, plan.index)][tasks.findIndex(({ label }) => label === plan.task)];
    return { ...outcome, ...(step !== null && { targetReached: { step, seconds: step / 100 } }) };
  };

  test('is the best in all tasks together, not the one that is first on most', () => {
    const race = raceOf({ points: 2 });
    const ended = playRace(race, table);
    const second = ended.get('a/adamw/tune/1')?.plan.values;
    expect(oneForAll.choices(race, optionsOf(race), ended)).toEqual([
      ...tasks.map(({ label }) => ({ task: label, competitor: 'adamw', values: second })),
      ...tasks.map(({ label }) => ({ task: label, competitor: 'dog', values: {} })),
    ]);
    for (const { label } of tasks) expect(ended.get(`${label}/adamw/final/0`)?.plan.values).toEqual(second);
  });

  test('by final losses is nearest to the best on all tasks; a setting that diverges anywhere pays for it', () => {
    const race = raceOf({ points: 15, select: 'mean-excess' });
    const chosen = (answer: (plan: TrialPlan) => Outcome) => {
      const [{ values }] = oneForAll.choices(race, optionsOf(race), playRace(race, answer));
      return Math.log10(Number(values?.lr));
    };
    // The best rates are around 10^-2.
    expect(Math.abs(chosen(bowl) + 2)).toBeLessThan(0.3);
    expect(
      chosen((plan) => (plan.task === 'd' && Number(plan.values.lr) > 1e-3 ? divergedOutcome(plan) : bowl(plan))),
    ).toBeLessThanOrEqual(-3);
  });

  test('waits for all of its candidates, and does not depend on what ended first', () => {
    const race = raceOf({ points: 3 });
    const ended = playRace(race, bowl);
    const without = new Map([...ended].filter(([id]) => id !== 'c/adamw/tune/2'));
    expect(oneForAll.choices(race, optionsOf(race), without).map(({ competitor }) => competitor)).toEqual(
      new Array(4).fill('dog'),
    );
    expect(oneForAll.plan(race, optionsOf(race), new Map([...ended].reverse()))).toEqual(
      oneForAll.plan(race, optionsOf(race), ended),
    );
    expect(oneForAll.size(race, optionsOf(race)).trials).toBe(ended.size);
  });
});

describe('the report', () => {
  const race = raceOf({ points: 15, select: 'mean-excess' });
  const ended = playRace(race, bowl);
  const score = scoreRace(race, [...ended.values()]);

  test('has tables and ranking of the calibrated setting on fresh seeds', () => {
    const [row] = score.tasks[0].rows;
    expect([row.competitor.label, row.final.finished, row.tuning.finished]).toEqual(['adamw', 3, 16]);
    expect(row.best).toEqual(ended.get('a/adamw/final/0')?.plan.values);
  });

  test('sets the defaults beside it, on the same seeds', () => {
    const [overall, onA] = score.findings;
    expect(score.findings).toHaveLength(5);
    const [first, second] = overall.rows;
    expect([first[0], second.slice(0, 2)]).toEqual(['adamw', ['dog', 'the defaults']]);
    expect(second[2]).toBe(second[3]);
    expect(Number.parseFloat(first[3])).toBeLessThan(Number.parseFloat(first[2]));
    // 0.05 (1 + 0.3) for the default of 10^-3 on a, whose best rate is 10^-2, times 1.024 on average over seeds 1, 2, 3.
    const [, defaults, , difference] = onA.rows[0];
    expect(defaults).toMatch(/^6\.66%/);
    expect(difference).toMatch(/^−1\.[0-9]+ ± 0\.0/);
  });

  test('is there while the race goes on', () => {
    const some = [...ended.values()].slice(0, 30);
    const { findings } = scoreRace(race, some);
    expect(findings[0].rows[0][1]).toBe('–');
    expect(scoreRace(race, []).findings).toHaveLength(5);
  });
});
