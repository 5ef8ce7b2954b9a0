import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLab } from '#lab/store/open';
import { numbersOf } from '../../tests/chaos/numbers.ts';
import { noisyTask } from '../../tests/noisy-task.ts';
import { adamw } from '../optim/adaptive/adamw.ts';
import { fakeRunner, finishedOutcome } from '../testing/race.ts';
import { castOf } from './cast.ts';
import { type TrialPlan, withoutResult } from './plan.ts';
import { type RunOptions, race, resumeRace } from './race.ts';
import type { RaceSpec } from './race-spec.ts';

let folder: string;
let lab: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-race-'));
  lab = join(folder, 'lab.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The further lr is from 0.1, the worse; every run seed shifts it a little. */
const error = ({ values, seed }: TrialPlan): number =>
  0.01 + 0.05 * Math.abs(Math.log10(Number(values.lr)) + 1) + 0.001 * (seed % 3);

const made: RaceSpec & RunOptions = {
  tasks: [{ task: 'rosenbrock', steps: 100 }],
  competitors: ['sgd', 'adamw'],
  protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 4 }, batched: false },
  seeds: 3,
  runner: fakeRunner((plan) => finishedOutcome(plan, error(plan))),
};

/** Real trainings of a moment. */
const real: RaceSpec = {
  tasks: [{ task: 'quadratic', steps: 20 }],
  competitors: ['sgd', 'adamw'],
  protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 2 } },
  seeds: 2,
};

/** Trials that go on from others, with values of their own. */
const members: RaceSpec = {
  tasks: [{ task: noisyTask(), steps: 24 }],
  competitors: ['adamw'],
  protocol: { kind: 'equal-budget', tuner: { kind: 'population', population: 3, generations: 3 } },
  seeds: 2,
  engine: 'wasm',
};

describe('a race', () => {
  test('gives the same table however many lanes there are and whichever ends first', async () => {
    const slow = fakeRunner(async (plan) => {
      await new Promise((resolve) => setTimeout(resolve, (plan.index * 7) % 5));
      return finishedOutcome(plan, error(plan));
    }, 3);
    const [one, three] = [await race(made), await race({ ...made, runner: slow })];
    expect(one.status).toBe('finished');
    expect(one.trials).toHaveLength(2 * (4 + 3));
    expect(numbersOf(three)).toEqual(numbersOf(one));
  });

  test('is the same in this process and in worker processes, kept or not', async () => {
    const workers = await race({ ...real, jobs: 2 });
    const kept = await race({ ...real, jobs: 1, lab });
    // A task that is an object of the caller's runs here.
    const { getTask } = await import('../tasks/registry.ts');
    const here = await race({ ...real, tasks: [{ task: getTask('quadratic'), steps: 20, label: 'quadratic' }] });
    expect(workers.tasks[0].rows.every(({ final }) => final.finished === 2)).toBe(true);
    expect(numbersOf(kept)).toEqual(numbersOf(workers));
    expect(numbersOf(here)).toEqual(numbersOf(workers));
    expect(workers.id).toBeNull();
    expect(kept.id).not.toBeNull();
  });

  test('of a population goes on from checkpoints, kept in memory without a lab, in files with one', async () => {
    const [inMemory, inFiles] = [await race(members), await race({ ...members, lab })];
    expect(inMemory.trials.filter(({ plan }) => plan.from !== undefined).length).toBeGreaterThanOrEqual(6);
    expect(inMemory.trials.every(({ outcome }) => outcome.status === 'finished')).toBe(true);
    expect(numbersOf(inFiles)).toEqual(numbersOf(inMemory));
    // Nothing is left of them.
    expect(readdirSync(`${lab}-checkpoints`)).toEqual([]);
  });

  test('writes its report, and refuses a place for it before anything runs', async () => {
    const report = join(folder, 'reports', 'race.html');
    await race({ ...made, report });
    expect(readFileSync(report, 'utf8')).toContain('</html>');
    await expect(race({ ...made, report: folder })).rejects.toThrow(/is a folder/);
    await expect(race({ ...made, jobs: 0, runner: undefined })).rejects.toThrow(/jobs is 0/);
  });
});

describe('an interrupted race', () => {
  /** Stops after so many ends. */
  const stopping = (after: number) => {
    const stop = new AbortController();
    let ended = 0;
    const runner = fakeRunner((plan, signal) => {
      if (signal.aborted) return withoutResult('interrupted');
      if (++ended === after) stop.abort();
      return finishedOutcome(plan, error(plan));
    }, 2);
    return { runner, signal: stop.signal };
  };

  test('keeps what has ended; resumed, it comes to what an undisturbed one comes to', async () => {
    const whole = await race(made);
    let result = await race({ ...made, lab, ...stopping(5) });
    expect(result.status).toBe('interrupted');
    const kept = result.trials.map(({ plan }) => plan.id);
    expect(kept).toHaveLength(5);
    const started: string[] = [];
    for (const after of [3, 100]) {
      result = await resumeRace(lab, 'latest', {
        ...stopping(after),
        onEvent: (event) => event.type === 'started' && started.push(event.plan.id),
      });
    }
    expect(result.status).toBe('finished');
    expect(numbersOf(result)).toEqual(numbersOf(whole));
    // Nothing that had ended ran again.
    expect(started.filter((id) => kept.includes(id))).toEqual([]);
  });

  test('that has finished is scored again, and nothing runs', async () => {
    const whole = await race({ ...made, lab });
    const again = await resumeRace(lab, String(whole.id), {
      runner: fakeRunner(() => {
        throw new Error('nothing is to run');
      }),
    });
    expect(numbersOf(again)).toEqual(numbersOf(whole));
  });

  test('with objects of its own goes on with those it is given, from its checkpoints', async () => {
    const whole = await race(members);
    const stop = new AbortController();
    let steps = 0;
    const half = await race({
      ...members,
      lab,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'ended' && ++steps === 4) stop.abort();
      },
    });
    expect(half.status).toBe('interrupted');
    await expect(resumeRace(lab, 'latest')).rejects.toThrow(/noisy/);
    const noisy = noisyTask();
    const wider = { ...noisy, parameters: { ...noisy.parameters, more: { ...Object.values(noisy.parameters)[0] } } };
    await expect(resumeRace(lab, 'latest', { cast: castOf({ tasks: { noisy: wider } }) })).rejects.toThrow(
      /its task 'noisy' had \d+ parameters when the race began, and has \d+ now/,
    );
    const result = await resumeRace(lab, 'latest', { cast: castOf({ tasks: { noisy } }) });
    expect(numbersOf(result)).toEqual(numbersOf(whole));
  });

  test('whose checkpoints are gone trains again what others go on from, to the same numbers', async () => {
    const whole = await race(members);
    const stop = new AbortController();
    let ended = 0;
    await race({
      ...members,
      lab,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === 'ended' && ++ended === 7) stop.abort();
      },
    });
    rmSync(`${lab}-checkpoints`, { recursive: true });
    const warnings: string[] = [];
    const result = await resumeRace(lab, 'latest', {
      cast: castOf({ tasks: { noisy: noisyTask() } }),
      onEvent: (event) => event.type === 'warning' && warnings.push(event.text),
    });
    expect(warnings.join()).toMatch(/its last checkpoint is gone; it is trained again/);
    expect(numbersOf(result)).toEqual(numbersOf(whole));
  });
});

describe('a lab', () => {
  test('has one process at a time for a race', async () => {
    const opened = await openLab(lab);
    const { id } = await race({ ...made, lab });
    const hold = await opened.hold(String(id));
    await expect(resumeRace(lab, String(id), { runner: made.runner })).rejects.toThrow(/is run by process/);
    await hold.release();
    expect((await resumeRace(lab, String(id), { runner: made.runner })).status).toBe('finished');
    await opened.close();
  });

  test('that is not there is not made by resuming', async () => {
    await expect(resumeRace(lab, 'latest')).rejects.toThrow(/no lab at/);
    expect(existsSync(lab)).toBe(false);
  });
});

test('values given to an optimizer of your own stay', async () => {
  const { plan, trials } = await race({
    tasks: [{ task: 'quadratic', steps: 5 }],
    competitors: [{ label: 'mine', optimizer: adamw({ beta2: 0.99, weightDecay: 0 }) }],
    protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 1 } },
    seeds: 1,
  });
  const [{ fixed, space }] = plan.competitors;
  expect(fixed).toEqual({ beta2: 0.99, weightDecay: 0 });
  expect(Object.keys(space)).toEqual(['lr', 'beta1']);
  expect(trials.map(({ outcome }) => outcome.status)).toEqual(['finished', 'finished']);
});
