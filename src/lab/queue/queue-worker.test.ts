import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { describeMachine, ownVersion } from '#lab/machine';
import { byPort, type Network, startNetwork } from '../../testing/network.ts';
import { type RunningPostgres, startPostgres } from '../../testing/postgres.ts';
import { fakeRunner, finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import type { Outcome, RacePlan, TrialPlan, TrialProgress } from '../plan.ts';
import { JobLost, type Lane, type TrialRunner } from '../run/lane.ts';
import type { About, Lab } from '../store/lab.ts';
import { openLab } from '../store/open.ts';
import { RaceQueue } from './queue.ts';
import { queueRunner } from './queue-runner.ts';
import { type QueueWorkerEvent, type QueueWorkerOptions, runQueueWorker, type WorkDone } from './queue-worker.ts';

const found = await startPostgres();
const postgres = found as RunningPostgres;
const because = found.skipped === undefined ? '' : ` (skipped: ${found.skipped})`;

const plan = madeUpPlan({ competitors: ['adamw'] });
const about: About = { machine: describeMachine(), command: null };
const never = new AbortController().signal;
const quiet = () => {};
const trial = (index: number): TrialPlan => trialPlan('adamw', 'tune', index);

/** What a made-up process does with a trial. */
type Behaviour = (trial: TrialPlan, signal: AbortSignal) => Promise<Outcome>;

const finish: Behaviour = async (plan) => finishedOutcome(plan, 0.1 + plan.index);

/** Runs until it is told to stop. */
const endless: Behaviour = (plan, signal) =>
  new Promise((resolve) => {
    const outcome = finishedOutcome(plan, 0);
    signal.addEventListener('abort', () => resolve({ ...outcome, status: 'interrupted' }));
  });

interface Worker {
  readonly events: QueueWorkerEvent[];
  readonly done: Promise<WorkDone>;
  /** Stops it as SIGTERM does. */
  stop(): Promise<WorkDone>;
}

describe.skipIf(found.skipped !== undefined)(`a worker of a queue${because}`, () => {
  const { address } = postgres;
  let lab: Lab;
  let race: string;
  let coordinator: TrialRunner | undefined;
  const workers: Worker[] = [];
  let said: string[] = [];
  let network: Network | undefined;

  beforeAll(async () => {
    lab = await openLab(address);
  });
  beforeEach(async () => {
    said = [];
    race = await lab.create(plan, about);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    await coordinator?.close();
    coordinator = undefined;
    await network?.close();
    network = undefined;
  });
  afterAll(async () => {
    await lab.close();
    await postgres.stop();
  });

  const coordinate = async (by = address): Promise<TrialRunner> => {
    coordinator = queueRunner({
      address: by,
      lab,
      race,
      ahead: 4,
      heartbeatSeconds: 10,
      onWarning: (text) => said.push(text),
    });
    await coordinator.prepare();
    return coordinator;
  };
  const start = (behaviour: Behaviour, options: Partial<QueueWorkerOptions> = {}): Worker => {
    const stop = new AbortController();
    const events: QueueWorkerEvent[] = [];
    const done = runQueueWorker({
      address,
      jobs: 1,
      checkpoints: '/nonexistent',
      signal: stop.signal,
      onEvent: (event) => events.push(event),
      runnerOf: () => fakeRunner(behaviour),
      ...options,
    });
    done.catch(() => {});
    const worker: Worker = {
      events,
      done,
      stop: () => {
        stop.abort();
        return done;
      },
    };
    workers.push(worker);
    return worker;
  };
  const run = (runner: TrialRunner, trials: readonly TrialPlan[], signal = never) =>
    Promise.all(trials.map((one, lane) => runner.lanes[lane].run([one], quiet, signal, [])));
  /** So many jobs are in the queue: a worker that begins now finds one at its first look. */
  const queued = (count = 1) =>
    expect
      .poll(() => postgres.query('select id from thalweg_queue.job'), { interval: 20, timeout: 10_000 })
      .toHaveLength(count);
  const types = ({ events }: Worker) => events.map(({ type }) => type);
  /** As if all workers had been silent for a minute. */
  const silence = () => postgres.query("update thalweg_queue.job set heartbeat_on = now() - interval '1 minute'");

  test('computes what the coordinator asks for, and the lab holds it', async () => {
    const runner = await coordinate();
    const trials = [trial(0), trial(1), trial(2)];
    const outcomes = run(runner, trials);
    await queued(3);
    const worker = start(finish, { jobs: 2 });
    const expected = await Promise.all(trials.map((one) => finish(one, never)));
    expect((await outcomes).flat()).toEqual(expected);
    expect((await lab.trials(race)).map(({ outcome }) => outcome)).toEqual(expected);
    expect(await worker.stop()).toEqual({ trials: 3, refused: 0 });
    expect(types(worker).filter((type) => type === 'ended')).toHaveLength(3);
  });

  test('runs the trials of a batch as one job, and gives it what they go on from', async () => {
    const runner = await coordinate();
    const ran = vi.fn<Lane['run']>(async (job) => job.map((one) => finishedOutcome(one, 0.1)));
    const outcomes = runner.lanes[0].run([trial(1), trial(2)], quiet, never, [trial(0)]);
    await queued();
    start(finish, { runnerOf: () => ({ ...fakeRunner(finish), lanes: [{ run: ran }] }) });
    expect(await outcomes).toHaveLength(2);
    expect(ran.mock.calls.map(([job, , , ancestors]) => [job, ancestors])).toEqual([
      [[trial(1), trial(2)], [trial(0)]],
    ]);
  });

  test('tells the coordinator how far a trial is while it runs, and the lab who runs it', async () => {
    const runner = await coordinate();
    const heard = Promise.withResolvers<TrialProgress>();
    const run: Lane['run'] = async ([one], onProgress) => {
      for (const step of [10, 20, 30]) onProgress(one, { step, steps: 100, loss: 0.5 });
      await heard.promise;
      return [finishedOutcome(one, 0.1)];
    };
    const outcomes = runner.lanes[0].run([trial(0)], (_, progress) => heard.resolve(progress), never, []);
    await queued();
    start(finish, { runnerOf: () => ({ ...fakeRunner(finish), lanes: [{ run }] }) });
    // It goes with the renewal of the lease, every 2.5 s.
    expect(await heard.promise).toEqual({ step: 30, steps: 100, loss: 0.5 });
    expect(await lab.trial(race, trial(0).id)).toMatchObject({ state: 'running', attempts: 1 });
    expect(await outcomes).toHaveLength(1);
  });

  test('passes on that a process died with a trial, and with what is left of it', async () => {
    const runner = await coordinate();
    const lost = runner.lanes[0].run([trial(0)], quiet, never, []);
    await queued();
    start(() => Promise.reject(new JobLost('its process died', 'SIGSEGV', 37)));
    await expect(lost).rejects.toThrow(JobLost);
    await expect(lost).rejects.toMatchObject({ what: 'its process died', detail: 'SIGSEGV', step: 37 });
  });

  test('that is told to stop gives its job back, and another one runs it', async () => {
    const runner = await coordinate();
    const outcome = runner.lanes[0].run([trial(0)], quiet, never, []);
    await queued();
    const first = start(endless);
    await expect.poll(() => types(first), { timeout: 10_000 }).toContain('started');
    await first.stop();
    expect(first.events.at(-1)).toMatchObject({ type: 'left', why: 'back in the queue' });
    start(finish);
    expect(await outcome).toEqual([await finish(trial(0), never)]);
  });

  test('that was frozen while another one ran its job has no say any more', async () => {
    const runner = await coordinate();
    const late = Promise.withResolvers<Outcome>();
    onTestFinished(() => late.resolve(finishedOutcome(trial(0), 99)));
    const outcome = runner.lanes[0].run([trial(0)], quiet, never, []);
    await queued();
    const frozen = start(() => late.promise);
    await expect.poll(() => types(frozen), { timeout: 10_000 }).toContain('started');
    const other = start(finish);
    // It renews its lease all the same, for it is not really frozen: until it comes too late once.
    const taken = async () => {
      await silence();
      return types(other);
    };
    await expect.poll(taken, { timeout: 10_000 }).toContain('started');
    expect(await outcome).toEqual([await finish(trial(0), never)]);
    late.resolve(finishedOutcome(trial(0), 99));
    await expect.poll(() => types(frozen), { timeout: 10_000 }).toContain('ended');
    expect((await lab.trial(race, trial(0).id)).outcome).toEqual(await finish(trial(0), never));
    expect(await lab.trials(race)).toHaveLength(1);
  });

  test('finds what an earlier worker had recorded before it died, and computes nothing', async () => {
    const queue = await RaceQueue.open(address, quiet);
    await queue.begin(race, 10);
    const outcome = finishedOutcome(trial(0), 0.1);
    await (await lab.ledger(race)).record([{ plan: trial(0), outcome }]);
    await queue.put(race, { trials: [trial(0)], ancestors: [] }, false);
    // It took the job, and was not heard of again.
    await queue.take(race);
    await silence();
    const taken = async () => {
      await queue.supervise(race);
      return (await queue.jobs(race))[0].running;
    };
    await expect.poll(taken, { timeout: 10_000 }).toBe(false);
    const worker = start(() => Promise.reject(new Error('it was computed again')));
    await expect.poll(async () => (await queue.jobs(race))[0].end, { timeout: 10_000 }).toEqual({ end: 'recorded' });
    expect(types(worker)).toEqual(['ready']);
    await worker.stop();
    await queue.end(race);
    await queue.close();
  });

  test('stops a trial whose race was interrupted', async () => {
    const stop = new AbortController();
    const runner = await coordinate();
    const outcome = runner.lanes[0].run([trial(0)], quiet, stop.signal, []);
    await queued();
    // A lease is renewed, and its loss noticed, every 2.5 s.
    const worker = start(endless);
    await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('started');
    stop.abort();
    expect(await outcome).toMatchObject([{ status: 'interrupted' }]);
    await runner.close();
    coordinator = undefined;
    await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('left');
    expect(await lab.trials(race)).toEqual([]);
  });

  describe('refuses', () => {
    const refusalOf = async (changes: Partial<RacePlan>, version: string) => {
      const versions = { ...about.machine.versions, thalweg: version };
      race = await lab.create({ ...plan, ...changes }, { ...about, machine: { ...about.machine, versions } });
      const runner = await coordinate();
      const outcome = runner.lanes[0].run([trial(0)], quiet, never, []);
      const worker = start(finish);
      await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('refused');
      expect(await worker.stop()).toEqual({ trials: 0, refused: 1 });
      return { outcome, events: worker.events };
    };
    const ours = ownVersion();

    test('a race of another version, unless that is to be ignored', async () => {
      const { outcome, events } = await refusalOf({}, '0.0.7');
      expect(events).toContainEqual({
        type: 'refused',
        race,
        why: `race ${race} was begun by thalweg 0.0.7 and this is ${ours}, whose numbers may differ; install 0.0.7 here, or give --any-version`,
      });
      start(finish, { anyVersion: true });
      expect(await outcome).toHaveLength(1);
    });

    test('a race whose file is not there, by its name', async () => {
      const { outcome, events } = await refusalOf({ module: '/no/such/race.ts' }, ours);
      expect(events).toContainEqual({
        type: 'refused',
        race,
        why: expect.stringContaining('tasks or optimizers of its own in /no/such/race.ts, which'),
      });
      await coordinator?.close();
      coordinator = undefined;
      // Nobody waits for it any more.
      void outcome;
    });

    test('a race that its processes cannot begin, whose jobs go back', async () => {
      const runner = await coordinate();
      const outcome = runner.lanes[0].run([trial(0)], quiet, never, []);
      await queued();
      const broken = { ...fakeRunner(finish), prepare: () => Promise.reject(new Error('no such dataset')) };
      const worker = start(finish, { runnerOf: () => broken });
      await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('left');
      await worker.stop();
      expect(worker.events).toContainEqual({ type: 'refused', race, why: 'no such dataset' });
      start(finish);
      expect(await outcome).toHaveLength(1);
      expect(said.join()).toMatch(/no such dataset/);
    });
  });

  test('ends when it has been idle for long enough', async () => {
    expect(await start(finish, { untilIdle: 1 }).done).toEqual({ trials: 0, refused: 0 });
  });

  test('ends after one job when it is to, and leaves the rest', async () => {
    const runner = await coordinate();
    const both = run(runner, [trial(0), trial(1)]);
    await queued(2);
    expect(await start(finish, { once: true }).done).toEqual({ trials: 1, refused: 0 });
    start(finish);
    expect(await both).toHaveLength(2);
  });

  describe('without its network', () => {
    test('goes on with its trial, says what is wrong, and records when the network is back', async () => {
      const between = await startNetwork(postgres.port);
      network = between;
      const far = byPort(address, between.port);
      const runner = await coordinate(far);
      const end = Promise.withResolvers<void>();
      const outcome = runner.lanes[0].run([trial(0)], quiet, never, []);
      await queued();
      const worker = start(
        async (one, signal) => {
          await end.promise;
          return finish(one, signal);
        },
        { address: far },
      );
      await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('started');
      between.cut();
      end.resolve();
      await expect.poll(() => types(worker), { timeout: 20_000 }).toContain('warning');
      await expect.poll(() => said.join(), { timeout: 10_000 }).toMatch(/the database cannot be reached/);
      expect(await lab.trials(race)).toEqual([]);
      await sleep(500);
      between.mend();
      expect(await outcome).toEqual([await finish(trial(0), never)]);
      expect(said.at(-1)).toMatch(/the database can be reached again/);
      await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('ended');
    });

    test('ends all the same when it is told to', async () => {
      network = await startNetwork(postgres.port);
      const worker = start(finish, { address: byPort(address, network.port) });
      await expect.poll(() => types(worker), { timeout: 10_000 }).toContain('ready');
      network.cut();
      await expect.poll(() => types(worker), { timeout: 20_000 }).toContain('warning');
      expect(await worker.stop()).toEqual({ trials: 0, refused: 0 });
    });
  });
});
