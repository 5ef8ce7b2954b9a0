import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../testing/postgres.ts';
import { trialPlan } from '../../testing/race.ts';
import type { TrialPlan } from '../plan.ts';
import { jobKey, type QueuedJob, RaceQueue } from './queue.ts';
import { QueueError } from './queue-error.ts';

const found = await startPostgres();
const postgres = found as RunningPostgres;
const because = found.skipped === undefined ? '' : ` (skipped: ${found.skipped})`;

const jobOf = (...trials: readonly TrialPlan[]): QueuedJob => ({ trials, ancestors: [] });
const trial = (index: number): TrialPlan => trialPlan('adamw', 'tune', index);

describe.skipIf(found.skipped !== undefined)(`a queue in PostgreSQL${because}`, () => {
  let queue: RaceQueue;
  const race = 'made-up-1234';
  beforeAll(async () => {
    queue = await RaceQueue.open(postgres.address, (text) => {
      throw new Error(text);
    });
  });
  beforeEach(async () => {
    await queue.end(race);
    await queue.begin(race, 10);
  });
  afterAll(async () => {
    await queue.close();
    await postgres.stop();
  });
  /** As if the worker had been silent for a minute. */
  const silence = () => postgres.query("update thalweg_queue.job set heartbeat_on = now() - interval '1 minute'");
  /** A look within a second of another one changes nothing. */
  const takesAway = async () => {
    await queue.supervise(race);
    return !(await queue.jobs(race))[0].running;
  };

  test('holds a job once while it waits or runs, however often it is put in', async () => {
    for (let i = 0; i < 3; i++) await queue.put(race, jobOf(trial(0)), false);
    expect(await queue.jobs(race)).toHaveLength(1);
    const lease = await queue.take(race);
    expect(lease?.job.trials).toEqual([trial(0)]);
    await queue.put(race, jobOf(trial(0)), false);
    expect(await queue.jobs(race)).toMatchObject([{ key: trial(0).id, running: true, end: null }]);
    expect(await queue.take(race)).toBeNull();
  });

  test('gives jobs out in the order they came, those that had begun elsewhere before the others', async () => {
    for (const index of [0, 1]) await queue.put(race, jobOf(trial(index)), false);
    await queue.put(race, jobOf(trial(2)), true);
    const taken = [await queue.take(race), await queue.take(race), await queue.take(race)];
    expect(taken.map((lease) => lease?.job.trials[0].index)).toEqual([2, 0, 1]);
  });

  test('gives the job of a worker that fell silent to another, and the first one can do no harm', async () => {
    await queue.put(race, jobOf(trial(0)), false);
    const first = await queue.take(race);
    expect(await first?.renew()).toBe(true);
    await queue.supervise(race);
    expect(await first?.renew()).toBe(true);
    await silence();
    await expect.poll(takesAway, { timeout: 5000 }).toBe(true);
    expect(await first?.renew()).toBe(false);
    const second = await queue.take(race);
    expect(second).toMatchObject({ attempt: 2 });
    expect(await first?.renew()).toBe(false);
    expect(await first?.end({ end: 'lost', what: 'it', detail: 'died', step: 0 })).toBe(false);
    expect(await second?.end({ end: 'recorded' })).toBe(true);
    expect(await queue.jobs(race)).toMatchObject([{ end: { end: 'recorded' }, running: false }]);
  });

  test('passes on how far the trials of a job are, from the worker that has it', async () => {
    await queue.put(race, jobOf(trial(0)), false);
    const progressOf = async () => (await queue.jobs(race))[0].progress;
    const first = await queue.take(race);
    expect(await progressOf()).toEqual([]);
    await first?.renew([{ step: 7, steps: 100, loss: Number.NaN }]);
    expect(await progressOf()).toEqual([{ step: 7, steps: 100, loss: Number.NaN }]);
    await silence();
    await expect.poll(takesAway, { timeout: 5000 }).toBe(true);
    const second = await queue.take(race);
    expect(await first?.renew([{ step: 8, steps: 100, loss: 1 }])).toBe(false);
    expect(await progressOf()).toEqual([]);
    await second?.renew([{ step: 5, steps: 100, loss: 1 }]);
    expect(await progressOf()).toEqual([{ step: 5, steps: 100, loss: 1 }]);
  });

  test('gives a job up that has lost six workers', async () => {
    await queue.put(race, jobOf(trial(0)), false);
    for (let attempt = 1; attempt <= 6; attempt++) {
      await expect.poll(async () => (await queue.take(race))?.attempt, { timeout: 5000 }).toBe(attempt);
      await silence();
      await expect.poll(takesAway, { timeout: 5000 }).toBe(true);
    }
    expect(await queue.take(race)).toBeNull();
    expect(await queue.jobs(race)).toMatchObject([{ end: { end: 'given up', why: '6 workers were lost with it' } }]);
    // Asked for again, it has all its lives back.
    await queue.put(race, jobOf(trial(0)), false);
    expect(await queue.take(race)).toMatchObject({ attempt: 1 });
  });

  test('forgets a race with all its jobs, which their workers notice', async () => {
    await queue.put(race, jobOf(trial(0)), false);
    const lease = await queue.take(race);
    expect(await queue.races()).toEqual([race]);
    await queue.end(race);
    expect(await queue.races()).toEqual([]);
    expect(await lease?.renew()).toBe(false);
    expect(await lease?.end({ end: 'recorded' })).toBe(false);
    expect(await queue.take(race)).toBeNull();
  });

  test('keeps what waits when its coordinator begins again, and drops what has ended', async () => {
    for (const index of [0, 1]) await queue.put(race, jobOf(trial(index)), false);
    await (await queue.take(race))?.end({ end: 'recorded' });
    await queue.begin(race, 10);
    expect(await queue.jobs(race)).toMatchObject([{ key: trial(1).id, end: null }]);
  });

  test('refuses an address that is none of PostgreSQL, and a host that nobody knows', async () => {
    const open = (address: string) => RaceQueue.open(address, () => {});
    await expect(open('redis://localhost')).rejects.toThrow(QueueError);
    await expect(open('postgres://nobody@thalweg.invalid/lab')).rejects.toThrow(
      /^the queue in postgres:\/\/nobody@thalweg\.invalid\/lab cannot be opened: there is no such host/,
    );
    const unknown = new URL(postgres.address);
    unknown.pathname = '/nothing';
    await expect(open(unknown.href)).rejects.toThrow(/there is no such database on the server; make it with createdb/);
  });
});

test('a batch has one key, by its trials, whatever their number', () => {
  const batch = Array.from({ length: 500 }, (_, i) => trial(i));
  expect(jobKey([trial(3)])).toBe(trial(3).id);
  expect(jobKey(batch)).toHaveLength(64);
  expect(jobKey(batch)).toBe(jobKey([...batch]));
  expect(jobKey(batch)).not.toBe(jobKey(batch.slice(1)));
});
