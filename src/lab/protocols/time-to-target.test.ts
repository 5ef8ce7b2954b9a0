import { describe, expect, test } from 'vitest';
import { competitorPlan, finalTrials, finishedOutcome, madeUpPlan, madeUpTask, playRace } from '../../testing/race.ts';
import { scoreRace } from '../analysis/score.ts';
import type { Outcome, RacePlan, Trial, TrialPlan } from '../plan.ts';
import { protocolPlan } from './index.ts';
import type { Finding } from './protocol.ts';
import { targetFrom, timeToTargetProtocol } from './time-to-target.ts';

const task = madeUpTask('a', { evaluations: 100 });
const untuned = competitorPlan('dog', { space: {}, start: {} });

const raceOf = (options: Readonly<Record<string, unknown>> = {}, changes: Partial<RacePlan> = {}): RacePlan => ({
  ...madeUpPlan({ tasks: [task], competitors: ['adamw', untuned] }),
  protocol: protocolPlan({ kind: 'time-to-target', ...options }),
  ...changes,
});

/** A run that meets the target at this step, or never; a second takes ten steps. */
const meets = (plan: TrialPlan, step: number | null, changes: Partial<Outcome> = {}): Outcome => {
  const { targetReached: _, ...outcome } = finishedOutcome(plan, 0.2);
  return { ...outcome, ...(step !== null && { targetReached: { step, seconds: step / 10 } }), ...changes };
};

const optionsOf = (race: RacePlan) => race.protocol.options as Parameters<typeof timeToTargetProtocol.plan>[1];

const findingsOf = (race: RacePlan, trials: Iterable<Trial>): readonly Finding[] =>
  timeToTargetProtocol.findings?.(race, optionsOf(race), [...trials]) ?? [];

const planned = (race: RacePlan) => timeToTargetProtocol.plan(race, optionsOf(race), new Map());

describe('the studies', () => {
  test('of external tuning are three, each of five settings and with a seed of its own; all settings differ', () => {
    const plans = planned(raceOf()).filter(({ competitor }) => competitor === 'adamw');
    expect(plans.map(({ id }) => id)).toContain('a/adamw/tune/s2.4');
    const seeds = Map.groupBy(plans, ({ seed }) => seed);
    expect([...seeds.values()].map((own) => own.length)).toEqual([5, 5, 5]);
    expect(new Set(plans.map(({ values }) => values.lr)).size).toBe(15);
    expect(plans.every(({ steps, until }) => steps === 100 && until === 100)).toBe(true);
  });

  test('of a method that tunes itself are one run each, of 1.5 times the steps; in v0.5 five of 3 times', () => {
    const own = (race: RacePlan) => planned(race).filter(({ competitor }) => competitor === 'dog');
    expect(own(raceOf()).map(({ steps, values }) => [steps, values])).toEqual(new Array(3).fill([150, {}]));
    expect(own(raceOf({ rules: 'v0.5' })).map(({ steps }) => steps)).toEqual(new Array(5).fill(300));
    const all = planned(raceOf({ rules: 'v0.5', studies: 2, selfTuning: ['adamw'] }));
    expect(all.map(({ id, steps, values }) => [id, steps, values])).toEqual([
      ['a/adamw/tune/s0.0', 300, { lr: 1e-3 }],
      ['a/adamw/tune/s1.0', 300, { lr: 1e-3 }],
      // It has nothing to tune, and is not among those that tune themselves: one run, of the plain budget.
      ['a/dog/tune/s0.0', 100, {}],
      ['a/dog/tune/s1.0', 100, {}],
    ]);
  });

  test('never use a seed of the final runs', () => {
    const race = raceOf({}, { finalSeeds: [7, 3, 12] });
    expect(planned(race).some(({ seed }) => race.finalSeeds.includes(seed))).toBe(false);
  });

  test('refuse a label that nobody has', () => {
    const race = raceOf({ selfTuning: ['adam'] });
    expect(() => timeToTargetProtocol.check?.(race, optionsOf(race))).toThrow(/'adam'.*adamw, dog/);
  });
});

describe('the setting of a study', () => {
  test('is said to run again on as many seeds as there are', () => {
    const again = (studies: number, finalSeeds: readonly number[]) => {
      const race = raceOf({ studies }, { finalSeeds });
      return /[^.]*then ran[^,;]*/.exec(timeToTargetProtocol.describe(race, optionsOf(race)))?.[0].trim();
    };
    expect(again(3, [1, 2, 3])).toBe("Each study's setting then ran once more");
    expect(again(3, [1, 2])).toBe('The settings of the first 2 studies then ran once more');
    expect(again(3, [1])).toBe("The first study's setting then ran once more");
    expect(again(2, [1, 2, 3])).toBe("The studies' settings then ran again");
  });

  const chosen = (answer: (plan: TrialPlan) => Outcome) => {
    const race = raceOf({ studies: 1 }, { finalSeeds: [1] });
    const ended = playRace(race, answer);
    const final = ended.get('a/adamw/final/0');
    const tuned = [...ended.values()].filter(({ plan }) => plan.competitor === 'adamw' && plan.phase === 'tune');
    return { index: tuned.findIndex(({ plan }) => plan.values.lr === final?.plan.values.lr), final };
  };

  test('is the first to meet the target, though another ends better, and though it diverges later', () => {
    expect(chosen((plan) => meets(plan, [80, 60, 40, 90, null][plan.index], { status: 'finished' })).index).toBe(2);
    expect(chosen((plan) => (plan.index === 3 ? meets(plan, 30, { status: 'diverged' }) : meets(plan, 50))).index).toBe(
      3,
    );
  });

  test('is the one that ended best where none met the target, and none where all failed', () => {
    expect(chosen((plan) => finishedOutcome(plan, plan.index === 1 ? 0.3 : 0.4)).index).toBe(1);
    expect(chosen((plan) => meets(plan, null, { status: 'diverged' })).final).toBeUndefined();
  });

  test('runs again on the final seed of that place; further seeds begin with the first study again', () => {
    const race = raceOf({ studies: 2 }, { finalSeeds: [1, 2, 3] });
    const ended = playRace(race, (plan) => meets(plan, 50 + ((plan.index * 7) % 10)));
    const lr = (id: string) => ended.get(id)?.plan.values.lr;
    // Of 50, 57, 54, 51, 58 the first study takes the first; of 55, 52, 59, 56, 53 the second takes its second.
    expect([0, 1, 2].map((i) => lr(`a/adamw/final/${i}`))).toEqual([
      lr('a/adamw/tune/s0.0'),
      lr('a/adamw/tune/s1.1'),
      lr('a/adamw/tune/s0.0'),
    ]);
    expect(ended.get('a/dog/final/0')?.plan.until).toBe(150);
    expect(timeToTargetProtocol.size(race, optionsOf(race))).toEqual({
      trials: ended.size,
      steps: [...ended.values()].reduce((sum, { plan }) => sum + plan.until, 0),
    });
  });

  test('does not depend on what ended first', () => {
    const race = raceOf();
    const ended = playRace(race, (plan) => meets(plan, 50 + ((plan.index * 7) % 10)));
    const backwards = new Map([...ended].reverse());
    expect(timeToTargetProtocol.plan(race, optionsOf(race), backwards)).toEqual(
      timeToTargetProtocol.plan(race, optionsOf(race), ended),
    );
    expect(timeToTargetProtocol.choices(race, optionsOf(race), backwards)[0]).toEqual({
      task: 'a',
      competitor: 'adamw',
      values: ended.get('a/adamw/tune/s0.0')?.plan.values,
    });
  });
});

describe('the benchmark', () => {
  const [b, c, d] = ['b', 'c', 'd'].map((label) => madeUpTask(label, { steps: 300 }));
  const a = madeUpTask('a', { steps: 300 });

  /** Every trial of a competitor on a task takes this many steps to the target. */
  const played = (times: Readonly<Record<string, readonly (number | null)[]>>, options = {}) => {
    const tasks = [a, b, c, d];
    const race = {
      ...madeUpPlan({ tasks, competitors: Object.keys(times), baseline: Object.keys(times)[0] }),
      protocol: protocolPlan({ kind: 'time-to-target', ...options }),
    };
    const ended = playRace(race, (plan) =>
      meets(plan, times[plan.competitor][tasks.findIndex(({ label }) => label === plan.task)]),
    );
    return { race, ended };
  };

  const field = { x: [10, 20, 30, null], y: [12, 15, 60, 100], z: [50, 61, 30, 200] };

  test('scores by the integral of the profiles, exactly or by trapezoids', () => {
    const scoresOf = (options = {}) => {
      const { race, ended } = played(field, options);
      return findingsOf(race, ended.values())[0].rows.map(([label, tuning, score]) => [label, tuning, score]);
    };
    expect(scoresOf()).toEqual([
      ['y', 'external', '0.900'],
      ['x', 'external', '0.722'],
      ['z', 'external', '0.417'],
    ]);
    expect(scoresOf({ integral: 'trapezoid' }).map(([, , score]) => score)).toEqual(['0.902', '0.723', '0.418']);
  });

  test('is relative: without the fastest the others score otherwise', () => {
    const { y: _, ...rest } = field;
    const { race, ended } = played(rest);
    // Ratios of x: 1, 1, 1, missed; of z: 5, 3.05, 1, 1.
    expect(findingsOf(race, ended.values())[0].rows.map(([label, , score]) => [label, score])).toEqual([
      ['x', '0.750'],
      ['z', '0.579'],
    ]);
  });

  test('gives 0 to who never meets a target, and speed-ups over the baseline where both met it', () => {
    const { race, ended } = played({
      base: [40, 40, null, 40],
      never: [null, null, null, null],
      fast: [20, 20, 20, null],
    });
    const [{ rows }] = findingsOf(race, ended.values());
    expect(rows.map(([label, , score, , speedUp, , met]) => [label, score, speedUp, met])).toEqual([
      ['fast', '0.750', '2.00× (2 of 4 tasks)', '3 of 4'],
      ['base', '0.583', '1.00× (3 of 4 tasks)', '3 of 4'],
      ['never', '0.000', '–', '0 of 4'],
    ]);
  });

  test('takes the fastest trial of each study and the median over studies, in steps and in seconds', () => {
    const race = { ...raceOf(), tasks: [task] };
    const ended = playRace(race, (plan) => {
      if (plan.competitor === 'dog') return meets(plan, plan.index === 0 ? 90 : null);
      const study = Math.floor(plan.index / 5);
      // The last trial of each study is the fastest in steps, the first one in seconds.
      const step = [50, 40, 70][study] + 5 * (4 - (plan.index % 5));
      return meets(plan, step, { targetReached: { step, seconds: 1 + study + (plan.index % 5) } });
    });
    const [, times] = findingsOf(race, ended.values());
    expect(times.title).toBe('Time to target on a');
    expect(times.rows).toEqual([
      ['adamw', '50, 40, 70', '50', '1.00×', '1 s, 2 s, 3 s', '2 s', '1.00×'],
      ['dog', '90, missed, missed', 'missed', '–', '9 s, missed, missed', 'missed', '–'],
    ]);
  });

  test('has the ordinary tables besides, of the chosen settings on fresh seeds', () => {
    const { race, ended } = played(field);
    const score = scoreRace(race, [...ended.values()]);
    expect(score.tasks[0].rows.map(({ final, tuning }) => [final.finished, tuning.finished])).toEqual([
      [3, 15],
      [3, 15],
      [3, 15],
    ]);
    expect(score.across?.rows.map(({ competitor, score: value }) => [competitor, value.toFixed(3)]).sort()).toEqual([
      ['x', '0.722'],
      ['y', '0.900'],
      ['z', '0.417'],
    ]);
    expect(score.findings).toHaveLength(5);
    expect(score.protocol).toMatch(/^What counts is the time .* rules of AlgoPerf v0\.6, as the median over 3 studies/);
  });

  test('shows what there is of a race that was interrupted', () => {
    const { race, ended } = played(field);
    const half = [...ended.values()].slice(0, 20);
    expect(findingsOf(race, half)[0].rows).toHaveLength(3);
    expect(findingsOf(race, [])[0].rows.map(([, , score]) => score)).toEqual(['0.000', '0.000', '0.000']);
  });
});

test('a target is the median end of the reruns of a baseline', () => {
  expect(targetFrom(task, finalTrials('adamw', [0.3, 0.1, 'diverged', 0.2]))).toEqual({ metric: 'error', value: 0.2 });
  expect(targetFrom(task, []).value).toBeNaN();
});
