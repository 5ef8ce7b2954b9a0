import { describe, expect, test } from 'vitest';
import { testRandom } from '../../testing/draw.ts';
import { competitorPlan, divergedOutcome, finishedOutcome, madeUpPlan, madeUpTask } from '../../testing/race.ts';
import type { Outcome, RacePlan, Trial, TrialPlan } from '../plan.ts';
import { type EqualBudgetOptions, equalBudget } from './equal-budget.ts';
import { getProtocol, protocolPlan } from './index.ts';

const optionsOf = (given: Readonly<Record<string, unknown>> = {}): EqualBudgetOptions =>
  protocolPlan({ kind: 'equal-budget', ...given }).options as EqualBudgetOptions;

const race: RacePlan = madeUpPlan({
  tasks: [madeUpTask('small', { steps: 60 }), madeUpTask('large', { steps: 200, parameters: 50_000 })],
  competitors: ['adamw', 'lion', competitorPlan('dog', { space: {}, start: {} })],
  tuneSeed: 5000,
  finalSeeds: [5001, 5002],
});

/** Errors grow with the distance of the learning rate from 1e-2; for lion everything diverges on the large task. */
const outcomeOf = (plan: TrialPlan): Outcome => {
  if (plan.competitor === 'lion' && plan.task === 'large') return divergedOutcome(plan);
  const { lr = 1 } = plan.values as { lr?: number };
  return finishedOutcome(plan, 0.1 + Math.abs(Math.log10(lr) + 2));
};

/** All trials, in the order in which they ended, when any of those that could run may end next. */
function run(options: EqualBudgetOptions, seed: number, of: RacePlan = race): Map<string, Trial> {
  const random = testRandom(seed);
  const ended = new Map<string, Trial>();
  for (;;) {
    const open = equalBudget
      .plan(of, options, ended)
      .filter(({ id, from }) => !ended.has(id) && (from === undefined || ended.has(from)));
    if (open.length === 0) return ended;
    const plan = open[Math.floor(random() * open.length)];
    ended.set(plan.id, { plan, outcome: outcomeOf(plan) });
  }
}

const byId = (ended: ReadonlyMap<string, Trial>) =>
  [...ended.values()].sort((a, b) => (a.plan.id < b.plan.id ? -1 : 1));

test('the defaults: twelve quasi-random settings, each at the whole budget', () => {
  expect(optionsOf()).toEqual({
    tuner: { kind: 'quasi-random', options: { trials: 12, method: 'sobol' } },
    tuneSteps: null,
    batched: 'auto',
  });
});

describe('a race', () => {
  const options = optionsOf({ tuner: { kind: 'quasi-random', trials: 4 } });
  const ended = run(options, 1);
  const of = (task: string, competitor: string, phase: string) =>
    byId(ended).flatMap(({ plan }) =>
      plan.task === task && plan.competitor === competitor && plan.phase === phase ? [plan] : [],
    );

  test('tunes every competitor with the same number of trials on every task', () => {
    for (const task of ['small', 'large']) {
      for (const competitor of ['adamw', 'lion']) expect(of(task, competitor, 'tune')).toHaveLength(4);
      expect(of(task, 'dog', 'tune')).toEqual([]);
    }
  });

  test('ends with the best setting on every final seed, none of which any tuning trial saw', () => {
    const tuned = of('small', 'adamw', 'tune');
    const best = [...tuned].sort(
      (a, b) => Math.abs(Math.log10(Number(a.values.lr)) + 2) - Math.abs(Math.log10(Number(b.values.lr)) + 2),
    )[0];
    const finals = of('small', 'adamw', 'final');
    expect(
      finals.map(({ id, seed, values, test, evaluateEvery }) => ({ id, seed, values, test, evaluateEvery })),
    ).toEqual(
      [5001, 5002].map((seed, index) => ({
        id: `small/adamw/final/${index}`,
        seed,
        values: best.values,
        test: true,
        evaluateEvery: 15,
      })),
    );
    for (const { plan } of ended.values()) expect(plan.seed === 5000).toBe(plan.phase === 'tune');
  });

  test('runs what has nothing to tune as it is, and does not run what never finished', () => {
    expect(of('large', 'dog', 'final').map(({ values }) => values)).toEqual([{}, {}]);
    expect(of('large', 'lion', 'final')).toEqual([]);
    const choices = equalBudget.choices(race, options, ended);
    expect(choices).toHaveLength(6);
    expect(choices.find(({ task, competitor }) => task === 'large' && competitor === 'lion')?.values).toBeNull();
    expect(choices.find(({ task, competitor }) => task === 'small' && competitor === 'dog')?.values).toEqual({});
  });

  test('competitors on one task try the same quantiles, and tasks other ones', () => {
    const values = (task: string, competitor: string) => of(task, competitor, 'tune').map((plan) => plan.values);
    expect(values('small', 'adamw')).toEqual(values('small', 'lion'));
    expect(values('small', 'adamw')).not.toEqual(values('large', 'adamw'));
  });

  test('batches the trials of small tasks only', () => {
    for (const plan of of('small', 'adamw', 'tune')) expect(plan.batch).toBe('small/adamw/tune/batch-0');
    for (const plan of [...of('large', 'adamw', 'tune'), ...of('small', 'adamw', 'final')]) {
      expect(plan.batch).toBeUndefined();
    }
    const batched = (given: boolean) =>
      equalBudget.plan(race, optionsOf({ batched: given }), new Map()).filter(({ batch }) => batch !== undefined)
        .length;
    expect(batched(true)).toBe(4 * 12);
    expect(batched(false)).toBe(0);
  });

  test('has the size that it said, and no more', () => {
    const size = equalBudget.size(race, options);
    expect(size).toEqual({ trials: 2 * 2 * 4 + 3 * 2 * 2, steps: 2 * 4 * (60 + 200) + 3 * 2 * (60 + 200) });
    // Lion never came to its final runs on the large task.
    expect(ended.size).toBe(size.trials - 2);
  });

  test('decides nothing before all trials of a study are there', () => {
    const partial = new Map([...ended].filter(([id]) => id !== 'small/adamw/tune/3'));
    const plans = equalBudget.plan(race, options, partial);
    expect(plans.some(({ id }) => id === 'small/adamw/final/0')).toBe(false);
    expect(plans.some(({ id }) => id === 'small/lion/final/0')).toBe(true);
    expect(equalBudget.choices(race, options, partial)).toHaveLength(5);
  });
});

test.each(['quasi-random', 'successive-halving', 'hyperband', 'asha', 'population'])(
  'with %s any order of ending gives the same trials, to the last number',
  (kind) => {
    const options = optionsOf({ tuner: kind, tuneSteps: '50%' });
    const alone = { ...race, competitors: race.competitors.slice(0, 2), tasks: race.tasks.slice(0, 1) };
    const once = run(options, 1, alone);
    for (const seed of [2, 3]) expect(byId(run(options, seed, alone))).toEqual(byId(once));
    const size = equalBudget.size(alone, options);
    expect(once.size).toBeLessThanOrEqual(size.trials);
    const steps = [...once.values()].reduce(
      (sum, { plan }) => sum + plan.until - (once.get(plan.from ?? '')?.plan.until ?? 0),
      0,
    );
    expect(steps).toBeLessThanOrEqual(size.steps);
    for (const { plan } of once.values()) expect(plan.steps).toBe(plan.phase === 'tune' ? 30 : 60);
    // Indices differ within a phase of a competitor.
    const places = [...once.values()].map(({ plan }) => `${plan.competitor}/${plan.phase}/${plan.index}`);
    expect(new Set(places).size).toBe(places.length);
  },
);

describe('steps of a tuning run', () => {
  const steps = (tuneSteps: unknown) =>
    equalBudget.plan(race, optionsOf({ tuneSteps }), new Map()).map((plan) => plan.steps);

  test('are a number, a share of those of the task, or all', () => {
    expect(new Set(steps(40))).toEqual(new Set([40, 60, 200]));
    expect(new Set(steps('12.5%'))).toEqual(new Set([8, 25, 60, 200]));
    expect(new Set(steps(null))).toEqual(new Set([60, 200]));
    // Final runs of what has nothing to tune have all steps.
    expect(steps('1%')).toContain(1);
  });

  test('are refused when they are no such thing, or more than a final run has', () => {
    for (const wrong of [0, 1.5, '0%', '120%', 'half', true]) {
      expect(() => optionsOf({ tuneSteps: wrong })).toThrow(
        `protocol.tuneSteps is ${JSON.stringify(wrong)}; it must be a whole number from 1, a share of the task's steps such as '25%', or null`,
      );
    }
    expect(() => equalBudget.check?.(race, optionsOf({ tuneSteps: 100 }))).toThrow(
      "protocol.tuneSteps is 100; a final run on 'small' has 60 steps, and a tuning run must not have more",
    );
  });
});

test('it describes itself in plain sentences', () => {
  expect(equalBudget.describe(race, optionsOf({ tuneSteps: '25%' }))).toBe(
    'On every task, each optimizer was tuned with 12 settings (scrambled Sobol points). ' +
      'Tuning runs have 25% of the steps of a final run; all of them share one seed. ' +
      'The setting that ended with the lowest error on the validation set went to 2 final runs on seeds that no tuning run saw. ' +
      'dog had nothing to tune.',
  );
  const lengths = (given: Record<string, unknown>) =>
    /[^.]* runs have (.*?);/.exec(equalBudget.describe(race, optionsOf(given)))?.[0];
  expect(lengths({ tuneSteps: '33.333%' })).toBe(' Tuning runs have 33.3% of the steps of a final run;');
  expect(lengths({ tuner: 'tpe', tuneSteps: 20 })).toBe(' Tuning runs have 20 steps;');
  for (const tuner of ['successive-halving', 'hyperband', 'asha']) {
    expect(lengths({ tuner })).toBe(' Whole tuning runs have as many steps as a final run;');
  }
});

describe('protocolPlan', () => {
  test('completes options, and leaves a plan as it is', () => {
    const plan = protocolPlan({ kind: 'equal-budget', tuner: { kind: 'asha', budget: 3 } });
    expect(plan.options).toMatchObject({ tuner: { kind: 'asha', options: { budget: 3, eta: 3 } }, tuneSteps: null });
    expect(protocolPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(protocolPlan('equal-budget').options).toEqual(optionsOf());
  });

  test('refuses what is wrong by its whole name', () => {
    expect(() => protocolPlan('equal-bugdet')).toThrow(
      "there is no protocol 'equal-bugdet'; did you mean 'equal-budget'?",
    );
    expect(() => optionsOf({ tuner: { kind: 'hyperband', eta: 1 } })).toThrow(
      'protocol.tuner.eta is 1; it must be at least 2',
    );
    expect(() => optionsOf({ tuner: 3 })).toThrow('protocol.tuner is 3; it must be the name of a tuner');
    expect(() => optionsOf({ trials: 3 })).toThrow("protocol: there is no option 'trials'");
    expect(() => getProtocol('other')).toThrow("there is no protocol 'other'");
  });
});
