import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeMachine } from '#lab/machine';
import { type RunningPostgres, startPostgres } from '../../testing/postgres.ts';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import type { Outcome, TrialPlan } from '../plan.ts';
import { JobLost, type TrialRunner } from '../run/lane.ts';
import type { HeldRace, Lab } from '../store/lab.ts';
import { openLab } from '../store/open.ts';
import { type Lease, RaceQueue } from './queue.ts';
import { queueRunner } from './queue-runner.ts';

const found = await startPostgres();
const postgres = found as RunningPostgres;
const because = found.skipped === undefined ? '' : ` (skipped: ${found.skipped})`;

const trial = (index: number): TrialPlan => trialPlan('adamw', 'tune', index);
const never = new AbortController().signal;

describe.skipIf(found.skipped !== undefined)(`the coordinator of a race on a queue${because}`, () => {
  const { address } = postgres;
  let lab: Lab;
  let held: HeldRace;
  let runner: TrialRunner;
  /** What workers do, by hand. */
  let queue: RaceQueue;
  let said: string[];

  beforeAll(async () => {
    lab = await openLab(address);
    queue = await RaceQueue.open(address, () => {});
  });
  beforeEach(async () => {
    said = [];
    held = await lab.hold(
      await lab.create(madeUpPlan({ competitors: ['adamw'] }), { machine: describeMachine(), command: null }),
    );
    runner = queueRunner({ address, lab, race: held.id, heartbeatSeconds: 10, onWarning: (text) => said.push(text) });
    await runner.prepare();
  });
  afterEach(async () => {
    await runner.close();
    await queue.end(held.id);
    await held.release();
  });
  afterAll(async () => {
    await queue.close();
    await lab.close();
    await postgres.stop();
  });

  const run = (plan: TrialPlan) => runner.lanes[0].run([plan], () => {}, never, []);
  const take = async (): Promise<Lease> => {
    for (;;) {
      const lease = await queue.take(held.id);
      if (lease !== null) return lease;
      await sleep(50);
    }
  };
  const record = async (plan: TrialPlan, outcome: Outcome) => {
    await (await lab.ledger(held.id)).record([{ plan, outcome }]);
  };

  test('waits for a job that an earlier coordinator put in before it was killed', async () => {
    await queue.put(held.id, { trials: [trial(0)], ancestors: [] }, false);
    const lease = await take();
    const outcome = run(trial(0));
    const made = finishedOutcome(trial(0), 0.2);
    await record(trial(0), made);
    await lease.end({ end: 'recorded' });
    expect(await outcome).toEqual([made]);
    await expect.poll(() => queue.jobs(held.id)).toEqual([]);
  });

  test('tells when a worker has begun with a job, and how far its trials are', async () => {
    const told: unknown[] = [];
    const outcome = runner.lanes[0].run(
      [trial(0), trial(1)],
      ({ id }, progress) => told.push([id, progress]),
      never,
      [],
      () => told.push('begins'),
    );
    await expect.poll(() => queue.jobs(held.id)).toHaveLength(1);
    expect(told).toEqual([]);
    const lease = await take();
    await expect.poll(() => told).toContain('begins');
    const [first, second] = [0, 1].map((i) => ({ step: 10 + i, steps: 100, loss: i === 0 ? 0.5 : Number.NaN }));
    const heard = () => told.filter((event) => event !== 'begins');
    await lease.renew([first, null]);
    await expect.poll(heard).toEqual([[trial(0).id, first]]);
    await lease.renew([first, second]);
    await expect.poll(heard).toEqual([
      [trial(0).id, first],
      [trial(1).id, second],
    ]);
    for (const plan of lease.job.trials) await record(plan, finishedOutcome(plan, 0.2));
    await lease.end({ end: 'recorded' });
    expect(await outcome).toHaveLength(2);
    expect(heard()).toHaveLength(2);
  });

  test('counts a job as lost that the queue gave up', async () => {
    const outcome = run(trial(0));
    await take();
    const failed = "update thalweg_queue.job set state = 'failed', retry_count = 5, completed_on = now()";
    const lost = expect(outcome).rejects.toThrow(new JobLost('the queue gave it up', '6 workers were lost with it'));
    await postgres.query(failed);
    await lost;
    await expect.poll(() => queue.jobs(held.id)).toEqual([]);
  });

  test('puts a job in again, before the others, that a worker gave back', async () => {
    const outcomes = Promise.all([run(trial(0)), runner.lanes[1].run([trial(1)], () => {}, never, [])]);
    const first = await take();
    await expect.poll(() => queue.jobs(held.id)).toHaveLength(2);
    await first.end({ end: 'returned', why: 'a worker on some-host was told to stop' });
    await expect.poll(() => said).toEqual(['a worker on some-host was told to stop']);
    await expect.poll(async () => (await queue.jobs(held.id)).filter(({ end }) => end === null)).toHaveLength(2);
    for (const expected of [first.job, { trials: [trial(1)], ancestors: [] }]) {
      const lease = await take();
      expect(lease.job).toEqual(expected);
      const [plan] = lease.job.trials;
      await record(plan, finishedOutcome(plan, plan.index));
      await lease.end({ end: 'recorded' });
    }
    expect(await outcomes).toEqual([[finishedOutcome(trial(0), 0)], [finishedOutcome(trial(1), 1)]]);
  });

  test('makes its queue again when somebody removed it', async () => {
    const outcome = run(trial(0));
    await expect.poll(() => queue.jobs(held.id)).toHaveLength(1);
    await queue.end(held.id);
    await expect.poll(() => queue.races(), { timeout: 5000 }).toEqual([held.id]);
    const lease = await take();
    await record(trial(0), finishedOutcome(trial(0), 0.2));
    await lease.end({ end: 'recorded' });
    expect(await outcome).toHaveLength(1);
  });

  test('tries again now and then, and says it once, while the queue takes no job', async () => {
    await postgres.query(`
      create sequence tries;
      create function refuse() returns trigger language plpgsql as $$
        begin perform nextval('tries'); raise exception 'no room'; end $$;
      create trigger refusal before insert on thalweg_queue.job_common for each row execute function refuse()`);
    const outcome = run(trial(0));
    await expect.poll(() => said).toEqual(['queue: no room']);
    await sleep(1200);
    const [{ tries }] = await postgres.query('select last_value::int as tries from tries');
    expect(tries).toBeLessThan(10);
    await postgres.query('drop trigger refusal on thalweg_queue.job_common');
    const lease = await take();
    await record(trial(0), finishedOutcome(trial(0), 0.2));
    await lease.end({ end: 'recorded' });
    expect(await outcome).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  test('leaves the queue to another coordinator that has taken the race over', async () => {
    // What a process of another host writes when the lease on the race has run out.
    await postgres.query("update thalweg.holds set host = 'another-host', space = 'its processes'");
    await runner.close();
    expect(await queue.races()).toEqual([held.id]);
  });
});
