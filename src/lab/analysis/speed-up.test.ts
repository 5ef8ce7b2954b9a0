import { describe, expect, it } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { finalTrials, madeUpPlan, madeUpTask } from '../../testing/race.ts';
import type { TaskPlan, Trial } from '../plan.ts';
import { commonValues, nearlyBest } from './scale-insensitive.ts';
import { speedUps } from './speed-up.ts';

const scale = (ratio: number): TaskPlan => madeUpTask(`x${ratio}`, { scale: { size: 'small', ratio } });
const tasks = [1, 2, 4, 8].map(scale);
const race = madeUpPlan({ tasks, competitors: ['adamw', 'muon'], finalSeeds: [1, 2, 3] });

const lossAt = (data: number): number => 0.4 * data ** -0.5 + 3;

/** The seeds shift all runs on a task alike, and those of muon by a little more. */
const shifts = [-0.004, 0.001, 0.003];
const own = [0.001, -0.001, 0];

/** Final runs whose losses are those of the law at `times` as much data. */
const runs = (competitor: string, times: number, on = tasks): Trial[] =>
  on.flatMap((task) =>
    finalTrials(
      competitor,
      shifts.map(
        (shift, i) => (lossAt(times * (task.scale?.ratio ?? 1)) + shift + (competitor === 'muon' ? own[i] : 0)) / 3,
      ),
      task,
    ),
  );

describe('data-equivalent speed-ups', () => {
  it('are found again from made-up losses, inside their intervals', () => {
    const found = speedUps(race, [...runs('adamw', 1), ...runs('muon', 1.4)]);
    expect(found.map(({ competitor, task }) => `${competitor} ${task.label}`)).toEqual([
      'muon x1',
      'muon x2',
      'muon x4',
      'muon x8',
    ]);
    for (const { value, low, high, why } of found) {
      expect(value).toBeCloseTo(1.4, 2);
      expect(why).toBeNull();
      expect(low).toBeLessThan(1.4);
      expect(high).toBeGreaterThan(1.4);
      expect(high - low).toBeLessThan(0.2);
    }
  });

  it('lie in their intervals in nearly 95% of races of three seeds, where a bootstrap over the seeds has them in 75%', () => {
    const noise = (competitor: string, i: number, step: number): number => {
      const value = new Float64Array(1);
      fillRandom(value, 'normal', { seed: 0, stream: `${competitor}/${i}`, step });
      return 0.003 * value[0];
    };
    const scattered = (competitor: string, times: number, race: number): Trial[] =>
      runs(competitor, times).map(({ plan, outcome }, i) => {
        const shift = noise(competitor, i, race);
        return {
          plan,
          outcome: { ...outcome, validation: outcome.validation.map((one) => ({ ...one, loss: one.loss + shift })) },
        };
      });
    const found = Array.from({ length: 20 }, (_, i) =>
      speedUps(race, [...scattered('adamw', 1, i), ...scattered('muon', 1.3, i)]),
    ).flat();
    const inside = found.filter(({ low, high }) => low <= 1.3 && high >= 1.3).length / found.length;
    expect(inside).toBeGreaterThan(0.88);
    expect(inside).toBeLessThan(1);
  });

  it('have no value where it would lie far beyond the data of the baseline', () => {
    const found = speedUps(race, [...runs('adamw', 1), ...runs('muon', 3)]);
    expect(found.map(({ value }) => value)).toEqual([
      expect.closeTo(3, 2),
      expect.closeTo(3, 2),
      expect.closeTo(3, 1),
      null,
    ]);
    expect(found[3].why).toMatch(/more than 2 times the most data/);
    const slow = speedUps(race, [...runs('adamw', 1), ...runs('muon', 0.3)]);
    expect(slow[0].value).toBeNull();
    expect(slow[0].why).toMatch(/less than 1\/2 of the least data/);
  });

  it('have no value where a run is missing or diverged, and the baseline none where its losses have no law', () => {
    const diverged = finalTrials('muon', [1, 'diverged', 1], tasks[0]);
    const found = speedUps(race, [...runs('adamw', 1), ...diverged, ...runs('muon', 1.2, tasks.slice(1))]);
    expect(found[0]).toMatchObject({ value: null, why: 'a final run did not finish' });
    expect(found[1].value).toBeCloseTo(1.2, 2);
    const flat = tasks.flatMap((task) => finalTrials('adamw', [1, 1, 1], task));
    expect(speedUps(race, [...flat, ...runs('muon', 1)])[0].why).toMatch(/does not get better/);
  });

  it('have no interval from one seed', () => {
    const one = madeUpPlan({ tasks, competitors: ['adamw', 'muon'], finalSeeds: [1] });
    const trials = [...runs('adamw', 1), ...runs('muon', 1.4)].filter(({ plan }) => plan.index === 0);
    const [first] = speedUps(one, trials);
    expect(first.value).toBeCloseTo(1.38, 1);
    expect(first.low).toBeNaN();
    expect(first.why).toMatch(/one seed/);
  });
});

describe('settings that are as good as the best', () => {
  const trials = finalTrials('adamw', [1, 1.002, 1.01, 'diverged']);

  it('are those within a tolerance of its loss', () => {
    expect(nearlyBest(trials, 0.0064).map(({ plan }) => plan.index)).toEqual([0, 1]);
    expect(nearlyBest(trials.slice(3), 0.0064)).toEqual([]);
  });

  it('have the values in common that some of them has at every scale', () => {
    const withValues = (...values: readonly number[]): Trial[] =>
      values.map((lr, i) => ({ ...trials[i], plan: { ...trials[i].plan, values: { lr } } }));
    expect(commonValues('lr', [withValues(2, 1, 4), withValues(4, 2)])).toEqual([2, 4]);
    expect(commonValues('lr', [withValues(1), withValues(2)])).toEqual([]);
  });
});
