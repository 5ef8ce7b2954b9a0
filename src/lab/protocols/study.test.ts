import { describe, expect, test } from 'vitest';
import { competitorPlan, divergedOutcome, finishedOutcome, madeUpPlan, madeUpTask } from '../../testing/race.ts';
import type { Outcome, Trial, TrialPlan } from '../plan.ts';
import { tunerPlan } from '../tuners/index.ts';
import { judgeByEnd, runStudy, type StudyPlan, studySize } from './study.ts';

const race = madeUpPlan({ competitors: ['adamw'], tuneSeed: 7000 });
const studyPlan = (changes: Partial<StudyPlan> = {}): StudyPlan => ({
  task: race.tasks[0],
  competitor: race.competitors[0],
  tuner: tunerPlan({ kind: 'quasi-random', trials: 3 }),
  seed: 1,
  ...changes,
});

const ended = (...trials: readonly Trial[]): ReadonlyMap<string, Trial> =>
  new Map(trials.map((trial) => [trial.plan.id, trial]));

/** Runs a study to its end in the order of its list. */
function finish(plan: StudyPlan, outcome: (trial: TrialPlan) => Outcome) {
  const trials = new Map<string, Trial>();
  for (;;) {
    const state = runStudy(race, plan, trials);
    if (state.done) return state;
    for (const trial of state.trials) {
      if (!trials.has(trial.id)) trials.set(trial.id, { plan: trial, outcome: outcome(trial) });
    }
  }
}

describe('probes become trials', () => {
  test('of the whole budget, on the tuning seed, evaluated at the end', () => {
    const { trials, done } = runStudy(race, studyPlan(), ended());
    expect(done).toBeNull();
    expect(trials.map(({ id, index }) => [id, index])).toEqual([
      ['made-up/adamw/tune/0', 0],
      ['made-up/adamw/tune/1', 1],
      ['made-up/adamw/tune/2', 2],
    ]);
    const { values, ...rest } = trials[0];
    expect(Object.keys(values)).toEqual(['lr']);
    expect(rest).toEqual({
      id: 'made-up/adamw/tune/0',
      task: 'made-up',
      competitor: 'adamw',
      phase: 'tune',
      index: 0,
      seed: 7000,
      steps: 100,
      until: 100,
      evaluateEvery: 100,
      test: false,
    });
  });

  test('on rungs: the whole horizon, evaluated at their ends, each from the one below', () => {
    const tuner = tunerPlan({ kind: 'successive-halving', configurations: 3, rungs: 2 });
    const { trials, done } = finish(studyPlan({ tuner }), (plan) => finishedOutcome(plan, Number(plan.values.lr)));
    expect(trials.map(({ steps, until, evaluateEvery, keep }) => [steps, until, evaluateEvery, keep])).toEqual([
      [100, 33, 33, true],
      [100, 33, 33, true],
      [100, 33, 33, true],
      [100, 100, 100, undefined],
    ]);
    const lowest = [...trials.slice(0, 3)].sort((a, b) => Number(a.values.lr) - Number(b.values.lr))[0];
    expect(trials[3].from).toBe(lowest.id);
    expect(done?.values).toEqual(lowest.values);
  });

  test('of several studies: ids and indices differ', () => {
    const { trials } = runStudy(race, studyPlan({ prefix: 's1.', firstIndex: 3, evaluateEvery: 5 }), ended());
    expect(trials.map(({ id, index, evaluateEvery }) => [id, index, evaluateEvery])).toEqual([
      ['made-up/adamw/tune/s1.0', 3, 5],
      ['made-up/adamw/tune/s1.1', 4, 5],
      ['made-up/adamw/tune/s1.2', 5, 5],
    ]);
  });

  test('in batches of at most 16, of nearly the same size', () => {
    const sizes = (trials: number, kind = 'quasi-random') => {
      const tuner = tunerPlan(kind === 'quasi-random' ? { kind, trials } : kind);
      const state = runStudy(race, studyPlan({ tuner, batched: true }), ended());
      return [...Map.groupBy(state.trials, ({ batch }) => batch)].map(([name, all]) => [name, all.length]);
    };
    const name = (i: number) => `made-up/adamw/tune/batch-${i}`;
    expect(sizes(12)).toEqual([[name(0), 12]]);
    expect(sizes(16)).toEqual([[name(0), 16]]);
    expect(sizes(35)).toEqual([
      [name(0), 12],
      [name(1), 12],
      [name(2), 11],
    ]);
    expect(sizes(27, 'successive-halving')).toEqual([[undefined, 27]]);
  });
});

describe('the choice', () => {
  const errors = [0.3, 0.1, 0.2];
  const judge = (trial: Trial) => judgeByEnd(trial, race.tasks[0]);

  test('is the setting with the lowest metric at its end', () => {
    const { trials, done } = finish(studyPlan(), (plan) => finishedOutcome(plan, errors[plan.index]));
    expect(done?.values).toEqual(trials[1].values);
  });

  test('ties go to the lower loss, then to the earlier trial', () => {
    const even = finish(studyPlan(), (plan) => finishedOutcome(plan, 0.2));
    expect(even.done?.values).toEqual(even.trials[0].values);
    const byLoss = finish(studyPlan(), (plan) => {
      const outcome = finishedOutcome(plan, 0.2);
      const validation = outcome.validation.map((at) => ({ ...at, loss: plan.index === 2 ? 0.1 : 0.3 }));
      return { ...outcome, validation };
    });
    expect(byLoss.done?.values).toEqual(byLoss.trials[2].values);
  });

  test('is never one that diverged, whatever it looked like before', () => {
    const { trials, done } = finish(studyPlan(), (plan) =>
      plan.index === 1 ? divergedOutcome(plan) : finishedOutcome(plan, errors[plan.index]),
    );
    expect(done?.values).toEqual(trials[2].values);
  });

  test('is nothing where none came to a finite result', () => {
    expect(finish(studyPlan(), divergedOutcome).done).toEqual({ values: null });
  });

  test('a metric or a loss that is not finite counts as divergence', () => {
    const [plan] = runStudy(race, studyPlan(), ended()).trials;
    const outcome = finishedOutcome(plan, 0.2);
    const end = outcome.validation[0];
    expect(judge({ plan, outcome })).toEqual({ score: 0.2, loss: end.loss });
    const lossless = { ...outcome, validation: [{ ...end, loss: Number.NaN }] };
    expect(judge({ plan, outcome: lossless }).score).toBe(Number.POSITIVE_INFINITY);
    const endless = { ...outcome, validation: [{ ...end, metrics: { error: Number.NaN } }] };
    expect(judge({ plan, outcome: endless }).score).toBe(Number.POSITIVE_INFINITY);
  });

  test('is made by a judge of the protocol where it has one', () => {
    const highest = (trial: Trial) => ({ score: -judge(trial).score, loss: 0 });
    const { trials, done } = finish(studyPlan({ judge: highest }), (plan) => finishedOutcome(plan, errors[plan.index]));
    expect(done?.values).toEqual(trials[0].values);
  });
});

test('a competitor with nothing to tune is done before it begins', () => {
  const plan = studyPlan({ competitor: competitorPlan('dog', { space: {}, start: {} }) });
  expect(runStudy(race, plan, ended())).toEqual({ trials: [], done: { values: {} } });
  expect(studySize(plan)).toEqual({ probes: 0, steps: 0 });
});

test('what was remembered is what is worked out anew, for the same trials and for others', () => {
  const plan = studyPlan();
  const all = runStudy(race, plan, ended()).trials;
  const trials = (errors: readonly number[]) =>
    ended(...all.map((trial, i) => ({ plan: trial, outcome: finishedOutcome(trial, errors[i]) })));
  const chosen = (errors: readonly number[]) => runStudy(race, plan, trials(errors)).done?.values;
  expect(chosen([3, 2, 1])).toEqual(all[2].values);
  expect(chosen([1, 2, 3])).toEqual(all[0].values);
  expect(chosen([3, 2, 1])).toEqual(all[2].values);
  // One map that grows.
  const growing = new Map<string, Trial>();
  for (const trial of all) {
    expect(runStudy(race, plan, growing).done).toBeNull();
    growing.set(trial.id, { plan: trial, outcome: finishedOutcome(trial, 1) });
  }
  expect(runStudy(race, plan, growing).done).not.toBeNull();
  // Another task of the same name is another study.
  const longer = studyPlan({ task: madeUpTask('made-up', { steps: 300 }) });
  expect(runStudy(race, longer, ended()).trials[0].steps).toBe(300);
});
