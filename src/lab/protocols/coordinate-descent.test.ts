import { describe, expect, it } from 'vitest';
import { linear, log } from '../../optim/hyper.ts';
import { competitorPlan, divergedOutcome, finishedOutcome, madeUpPlan, madeUpTask } from '../../testing/race.ts';
import type { CompetitorPlan, RacePlan, TaskPlan, Trial, TrialPlan } from '../plan.ts';
import { coordinateDescentAtScales, type ScalesOptions } from './coordinate-descent.ts';
import { protocolPlan } from './index.ts';
import { ProtocolError } from './protocol.ts';

const scale = (size: string, parameters: number, ratio: number): TaskPlan =>
  madeUpTask(`${size}-x${ratio}`, { parameters, steps: 100 * ratio, scale: { size, ratio } });

const tasks = [
  scale('small', 1000, 1),
  scale('small', 1000, 2),
  scale('small', 1000, 4),
  scale('large', 4000, 1),
  scale('large', 4000, 2),
];

const competitor = (label: string): CompetitorPlan =>
  competitorPlan(label, {
    space: { lr: log(0.001, 0.064), weightDecay: linear(0, 0.2) },
    start: { lr: 0.008, weightDecay: 0 },
    grids: { lr: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064], weightDecay: [0, 0.1, 0.2] },
  });

const race = madeUpPlan({ tasks, competitors: ['adamw', 'muon', 'lion'].map(competitor), finalSeeds: [11, 12, 13] });

const optionsOf = (given: Partial<ScalesOptions> = {}): ScalesOptions => coordinateDescentAtScales.options.parse(given);

/** muon does with 1.4 times less data. The best learning rate falls with the size of the model, the best weight decay is 0.1 throughout. */
function lossOf({ task, competitor: label, values, seed }: TrialPlan): number {
  const plan = tasks.find((one) => one.label === task) ?? tasks[0];
  const data = (plan.scale?.ratio ?? 1) * (label === 'muon' ? 1.4 : 1);
  const best = plan.scale?.size === 'small' ? 0.016 : 0.004;
  const away = Math.log2(Number(values.lr) / best);
  const decay = Number(values.weightDecay) - 0.1;
  const luck = seed === 0 ? 0 : 0.002 * (seed - 12);
  return (plan.scale?.size === 'small' ? 3 : 2.7) + 0.4 * data ** -0.5 + 0.02 * away ** 2 + 2 * decay ** 2 + luck;
}

/** Runs the race to its end: what is asked for ends, until nothing new is asked for. */
function finish(plan: RacePlan, options: ScalesOptions): Map<string, Trial> {
  const ended = new Map<string, Trial>();
  for (;;) {
    const open = coordinateDescentAtScales.plan(plan, options, ended).filter(({ id }) => !ended.has(id));
    if (open.length === 0) return ended;
    for (const trial of open) {
      const outcome =
        trial.competitor === 'lion' && Number(trial.values.lr) > 0.02
          ? divergedOutcome(trial)
          : finishedOutcome(trial, lossOf(trial) / 3);
      ended.set(trial.id, { plan: trial, outcome });
    }
  }
}

const checked =
  (changes: Partial<RacePlan>, given: Partial<ScalesOptions> = {}) =>
  () =>
    coordinateDescentAtScales.check?.({ ...race, ...changes }, optionsOf(given));

describe('coordinate descent at several scales', () => {
  const options = optionsOf();
  const ended = finish(race, options);
  const findings = coordinateDescentAtScales.findings?.(race, options, [...ended.values()]) ?? [];

  it('finds the best grid values at every scale, and runs them on fresh seeds', () => {
    const choices = coordinateDescentAtScales.choices(race, options, ended);
    expect(choices).toHaveLength(15);
    for (const { task, values } of choices) {
      expect(values).toEqual({ lr: task.startsWith('small') ? 0.016 : 0.004, weightDecay: 0.1 });
    }
    const finals = [...ended.values()].filter(({ plan }) => plan.phase === 'final');
    expect(finals).toHaveLength(45);
    expect(new Set(finals.map(({ plan }) => plan.seed))).toEqual(new Set(race.finalSeeds));
    const { trials, steps } = coordinateDescentAtScales.size(race, options);
    expect(ended.size).toBeLessThanOrEqual(trials);
    expect([...ended.values()].reduce((sum, { plan }) => sum + plan.until, 0)).toBeLessThanOrEqual(steps);
  });

  it('states the speed-up where the baseline has three amounts of data, and why not elsewhere', () => {
    const [{ rows }] = findings;
    const row = (size: string, data: string, label: string) =>
      rows.find((one) => one[0] === size && one[1] === data && one[2] === label);
    expect(row('small', '1×', 'muon')?.[4]).toBe('1.40×');
    expect(row('small', '1×', 'muon')?.[5]).toMatch(/^1\.\d\d to 1\.\d\d$/);
    expect(row('small', '2×', 'lion')?.[4]).toBe('1.00×');
    expect(row('large', '1×', 'muon')?.[4]).toBe('–');
    expect(row('large', '1×', 'muon')?.[5]).toMatch(/fewer than three amounts/);
  });

  it('tells hyperparameters that depend on the scale from those that do not', () => {
    const [, { rows, columns }, laws] = findings;
    expect(columns).toHaveLength(2 + tasks.length + 1);
    const row = (hyper: string) => rows.find((one) => one[0] === 'adamw' && one[1] === hyper);
    expect(row('weightDecay')?.at(-1)).toBe('insensitive: 0.1');
    expect(row('lr')?.at(-1)).toBe('sensitive');
    expect(row('lr')?.[2]).toBe('0.016');
    expect(laws.rows.map(([label, hyper]) => `${label} ${hyper}`)).toEqual(['adamw lr', 'muon lr', 'lion lr']);
  });

  it('gives scales that are not tuned the values of the nearest one that is', () => {
    const some = optionsOf({ tuneAt: ['small-x1', 'large-x1'] });
    const trials = finish(race, some);
    const tuned = new Set(
      [...trials.values()].filter(({ plan }) => plan.phase === 'tune').map(({ plan }) => plan.task),
    );
    expect(tuned).toEqual(new Set(['small-x1', 'large-x1']));
    const values = new Map(
      coordinateDescentAtScales
        .choices(race, some, trials)
        .map((choice) => [`${choice.task}/${choice.competitor}`, choice.values]),
    );
    expect(values.get('small-x4/adamw')).toEqual({ lr: 0.016, weightDecay: 0.1 });
    expect(values.get('large-x2/adamw')).toEqual({ lr: 0.004, weightDecay: 0.1 });
    expect([...trials.values()].filter(({ plan }) => plan.phase === 'final')).toHaveLength(45);
    expect(coordinateDescentAtScales.describe(race, some)).toMatch(/at small-x1, large-x1/);
  });

  it('is tuned by loss, whatever metric the target has', () => {
    const trial = [...ended.values()].find(({ plan }) => plan.phase === 'tune');
    expect(race.tasks[0].target.metric).toBe('error');
    const altered = new Map(
      [...ended].map(([id, one]) => {
        const validation = one.outcome.validation.map((evaluation) => ({
          ...evaluation,
          metrics: { error: -evaluation.loss },
        }));
        return [id, { ...one, outcome: { ...one.outcome, validation } }];
      }),
    );
    expect(trial).toBeDefined();
    expect(coordinateDescentAtScales.choices(race, options, altered)).toEqual(
      coordinateDescentAtScales.choices(race, options, ended),
    );
  });

  it('refuses races it has nothing to say of, naming what they lack', () => {
    expect(checked({})).not.toThrow();
    expect(checked({ baseline: null })).toThrow(ProtocolError);
    expect(checked({ baseline: null })).toThrow(/'adamw', 'muon', 'lion'/);
    expect(checked({ tasks: [...tasks, madeUpTask('plain')] })).toThrow(/'plain' has no scale/);
    expect(checked({ tasks: tasks.slice(1) })).toThrow(/three amounts of data/);
    expect(checked({ tasks: [...tasks, { ...tasks[0], label: 'again' }] })).toThrow(/ratio 1 twice/);
    expect(checked({ tasks: [...tasks, scale('large', 5000, 4)] })).toThrow(/4000 and 5000 parameters/);
    expect(checked({}, { tuneAt: ['small-x3'] })).toThrow(/'small-x3', which is no task/);
  });

  it('is known by its name, with its defaults', () => {
    expect(protocolPlan('coordinate-descent')).toEqual({
      kind: 'coordinate-descent',
      options: { delta: 0.003, points: 5, sweeps: 10, tolerance: 0.0064, tuneAt: null },
    });
  });
});
