import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adamw } from '../optim/adaptive/adamw.ts';
import { divergedOutcome, fakeRunner, finishedOutcome } from '../testing/race.ts';
import { type TrialPlan, withoutResult } from './protocol.ts';
import { type RaceOptions, race } from './race.ts';
import type { RaceResult } from './result.ts';
import { readTrials, reportFile, trialsFile } from './store.ts';

const folder = () => join(mkdtempSync(join(tmpdir(), 'thalweg-race-')), 'out');

/** The further lr is from 0.1, the worse; every run seed shifts it a little. */
const error = ({ values, seed }: TrialPlan): number =>
  0.01 + 0.05 * Math.abs(Math.log10(Number(values.lr)) + 1) + 0.001 * (seed % 3);

const made: RaceOptions = {
  task: 'mnist-mlp',
  competitors: ['sgd', 'adamw'],
  trials: 4,
  seeds: 3,
  steps: 100,
  runner: fakeRunner((plan) => finishedOutcome(plan, error(plan))),
};

const deterministic = ({ protocol, trials, rows }: RaceResult) => ({
  protocol: { ...protocol, jobs: 0 },
  plans: trials.map(({ plan }) => plan.id).sort(),
  rows: rows.map(({ cost, toTarget, ...row }) => ({ ...row, calls: cost?.calls, steps: toTarget.steps })),
});

describe('the protocol', () => {
  test('gives every competitor as many trials, and final seeds that no tuning trial saw', async () => {
    const { trials, protocol } = await race(made);
    for (const { label } of protocol.competitors) {
      const own = trials.filter(({ plan }) => plan.competitor === label);
      expect(own.filter(({ plan }) => plan.phase === 'tune')).toHaveLength(4);
      expect(own.filter(({ plan }) => plan.phase === 'final').map(({ plan }) => plan.seed)).toEqual([1, 2, 3]);
    }
    const tuneSeeds = trials.filter(({ plan }) => plan.phase === 'tune').map(({ plan }) => plan.seed);
    expect(protocol.finalSeeds.some((seed) => tuneSeeds.includes(seed))).toBe(false);
  });

  test('runs the best setting of the tuning to the end, and tests it there only', async () => {
    const { trials } = await race(made);
    const tuned = trials.filter(({ plan }) => plan.competitor === 'sgd' && plan.phase === 'tune');
    const best = [...tuned].sort((a, b) => error(a.plan) - error(b.plan))[0];
    for (const { plan } of trials.filter(({ plan }) => plan.competitor === 'sgd' && plan.phase === 'final')) {
      expect(plan.values).toEqual(best.plan.values);
    }
    expect(trials.every(({ plan }) => plan.test === (plan.phase === 'final'))).toBe(true);
  });

  test('leaves schedule-free methods, line searches and explicit schedules without the schedule', async () => {
    const { protocol } = await race({
      ...made,
      competitors: ['sam(sgd)', 'schedule-free-adamw', 'lbfgs', 'cosine(sgd)'],
    });
    expect(protocol.competitors.map(({ scheduled }) => scheduled)).toEqual([true, false, false, false]);
  });

  test('a value that is fixed is not tuned', async () => {
    const { protocol } = await race({ ...made, competitors: ['sgd[momentum=0.9]'] });
    expect(protocol.competitors[0].fixed).toEqual({ momentum: 0.9 });
    expect(Object.keys(protocol.competitors[0].space)).not.toContain('momentum');
  });

  test('values given to an optimizer of your own stay, and are shown', async () => {
    const { protocol, trials } = await race({
      task: 'quadratic',
      competitors: [{ label: 'mine', optimizer: adamw({ beta2: 0.99, weightDecay: 0 }) }],
      trials: 1,
      seeds: 1,
      steps: 5,
    });
    const [{ fixed, space }] = protocol.competitors;
    expect(fixed).toEqual({ beta2: 0.99, weightDecay: 0 });
    expect(Object.keys(space)).toEqual(['lr', 'beta1']);
    expect(protocol.jobs).toBe(1);
    expect(trials.map(({ outcome }) => outcome.status)).toEqual(['finished', 'finished']);
  });

  test('refuses what cannot be run before anything runs', async () => {
    await expect(race({ ...made, competitors: ['sgd', 'sgd'] })).rejects.toThrow(/takes part twice/);
    await expect(race({ ...made, competitors: [] })).rejects.toThrow(/at least one/);
    await expect(race({ ...made, trials: 0 })).rejects.toThrow(/trials is 0/);
    await expect(race({ ...made, seed: -1 })).rejects.toThrow(/seed is -1/);
    await expect(race({ ...made, competitors: ['sgd[momentum=2]'] })).rejects.toThrow(/momentum is 2/);
    await expect(race({ ...made, competitors: ['sgd[momentum]'] })).rejects.toThrow(/sets nothing/);
  });
});

test('the same seed gives the same table, however many lanes and whichever ends first', async () => {
  const slow = fakeRunner(async (plan) => {
    await new Promise((resolve) => setTimeout(resolve, (plan.index * 7) % 5));
    return finishedOutcome(plan, error(plan));
  }, 3);
  const [one, three] = [await race(made), await race({ ...made, runner: slow })];
  expect(deterministic(three)).toEqual(deterministic(one));
  const other = await race({ ...made, seed: 1 });
  expect(other.trials[0].plan.values).not.toEqual(one.trials[0].plan.values);
});

test('a real race is the same in this process and in worker processes', async () => {
  const options: RaceOptions = { task: 'quadratic', competitors: ['sgd', 'adamw'], trials: 2, seeds: 2, steps: 20 };
  const [inside, workers] = [await race({ ...options, jobs: 1 }), await race({ ...options, jobs: 2 })];
  expect(inside.rows.every(({ final }) => final.finished === 2)).toBe(true);
  expect(deterministic(workers)).toEqual(deterministic(inside));
}, 60_000);

test('a setting that diverged is never chosen; a competitor whose trials all diverged has no final run', async () => {
  const runner = fakeRunner((plan) => {
    const hopeless = plan.competitor === 'sgd' || Number(plan.values.lr) > 3e-3;
    return plan.phase === 'tune' && hopeless ? divergedOutcome(plan) : finishedOutcome(plan, error(plan));
  });
  const { rows } = await race({ ...made, runner });
  expect(rows.map(({ competitor, rank, best }) => [competitor.label, rank, best === null])).toEqual([
    ['adamw', 1, false],
    ['sgd', null, true],
  ]);
  expect(Number(rows[0].best?.lr)).toBeLessThan(3e-3);
});

describe('an interrupted race', () => {
  test('keeps its finished trials, drops the running ones, and writes what it has', async () => {
    const stop = new AbortController();
    const directory = folder();
    let ended = 0;
    const runner = fakeRunner((plan, signal) => {
      if (signal.aborted) return withoutResult('interrupted');
      if (++ended === 5) stop.abort();
      return finishedOutcome(plan, error(plan));
    }, 2);
    const { status, trials } = await race({ ...made, runner, directory, signal: stop.signal });
    expect(status).toBe('interrupted');
    expect(trials.length).toBe(5);
    const kept = readTrials(join(directory, trialsFile));
    expect(kept.trials.map(({ plan }) => plan.id)).toEqual(trials.map(({ plan }) => plan.id));
    expect(readFileSync(join(directory, reportFile), 'utf8')).toContain('Interrupted.');
  });

  test('that was killed leaves every line it had written', async () => {
    const directory = folder();
    const seen: number[] = [];
    await race({
      ...made,
      directory,
      onEvent: (event) => {
        if (event.type === 'ended') seen.push(readTrials(join(directory, trialsFile)).trials.length);
      },
    });
    expect(seen).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
    expect(existsSync(join(directory, reportFile))).toBe(true);
  });
});
