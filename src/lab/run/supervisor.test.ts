import { describe, expect, test } from 'vitest';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import type { Ended, Outcome, RaceEvent, RacePlan, Trial, TrialPlan } from '../plan.ts';
import { withoutResult } from '../plan.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { type Job, JobLost, type Lane, type TrialRunner } from './lane.ts';
import { type Ledger, memoryLedger } from './ledger.ts';
import { supervise } from './supervisor.ts';

const plan: RacePlan = madeUpPlan({ competitors: ['a'] });

/** A protocol that needs what `needs` says. */
const protocolOf = (needs: (ended: Ended) => readonly TrialPlan[]): Protocol =>
  ({
    kind: 'made-up',
    plan: (_race, _options, ended) => needs(ended),
    choices: () => [],
    size: () => ({ trials: 0, steps: 0 }),
  }) as Partial<Protocol> as Protocol;

const trial = (id: string, changes: Partial<TrialPlan> = {}): TrialPlan => ({
  ...trialPlan('a', 'tune', 0),
  id,
  ...changes,
});
const good = (of: TrialPlan): Outcome => finishedOutcome(of, 0.5);

type Answer = (job: Job, signal: AbortSignal, ancestors: readonly TrialPlan[]) => Promise<readonly Outcome[]>;
const runnerOf = (answer: Answer, lanes = 1): TrialRunner => ({
  prepare: async () => {},
  lanes: Array.from({ length: lanes }, () => ({
    run: async (job: Job, _: unknown, signal: AbortSignal, ancestors: readonly TrialPlan[]) => {
      await new Promise((resolve) => setImmediate(resolve));
      return answer(job, signal, ancestors);
    },
  })),
  close: async () => {},
});

interface Setting {
  readonly needs: (ended: Ended) => readonly TrialPlan[];
  readonly answer?: Answer;
  readonly lanes?: number;
  readonly ledger?: Ledger;
  readonly signal?: AbortSignal;
}

async function play({ needs, answer = async (job) => job.map(good), lanes, ledger = memoryLedger(), signal }: Setting) {
  const events: RaceEvent[] = [];
  const status = await supervise({
    plan,
    protocol: protocolOf(needs),
    runner: runnerOf(answer, lanes),
    ledger,
    folders: null,
    signal: signal ?? new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
  const trials = new Map((await ledger.ended()).map((ended) => [ended.plan.id, ended]));
  return { status, events, trials };
}

const idsOf = (events: readonly RaceEvent[], type: 'started' | 'lost'): string[] =>
  events.flatMap((event) => (event.type === type ? [event.plan.id] : []));

describe('a race', () => {
  test.each([1, 3])('asks again after each end, and is over when nothing more is needed (%i lanes)', async (lanes) => {
    // One after another, though nobody is told that beforehand.
    const needs = (ended: Ended) => Array.from({ length: Math.min(5, ended.size + 1) }, (_, i) => trial(`t${i}`));
    const { status, events, trials } = await play({ needs, lanes });
    expect(status).toBe('finished');
    expect([...trials.keys()]).toEqual(['t0', 't1', 't2', 't3', 't4']);
    expect(idsOf(events, 'started')).toEqual(['t0', 't1', 't2', 't3', 't4']);
  });

  test('writes down what ended before anything builds on it, and before anybody hears of it', async () => {
    const order: string[] = [];
    const memory = memoryLedger();
    const ledger: Ledger = {
      ...memory,
      started: async ([{ id }]) => void order.push(`started ${id}`),
      record: async (trials) => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`recorded ${trials[0].plan.id}`);
        await memory.record(trials);
      },
    };
    await play({ needs: (ended) => (ended.size === 0 ? [trial('a')] : [trial('a'), trial('b')]), ledger });
    expect(order).toEqual(['started a', 'recorded a', 'started b', 'recorded b']);
  });

  test('of a remote lane, a job begins when a worker has it, who writes that down; one that nobody took is not told of', async () => {
    const stop = new AbortController();
    const written: string[] = [];
    const memory = memoryLedger();
    const lane: Lane = {
      remote: true,
      run: async ([one], _, signal, __, onBegin) => {
        if (one.id === 'never') {
          stop.abort();
          return [withoutResult('interrupted')];
        }
        if (one.id === 'slow') for (let i = 0; i < 2; i++) onBegin?.();
        expect(signal.aborted).toBe(false);
        return [good(one)];
      },
    };
    const events: RaceEvent[] = [];
    const status = await supervise({
      plan,
      protocol: protocolOf(() => ['slow', 'quick', 'never'].map((id) => trial(id))),
      runner: { prepare: async () => {}, lanes: [lane], close: async () => {} },
      ledger: { ...memory, started: async ([{ id }]) => void written.push(id) },
      folders: null,
      signal: stop.signal,
      onEvent: (event) => events.push(event),
    });
    expect(status).toBe('interrupted');
    expect(written).toEqual([]);
    expect(idsOf(events, 'started')).toEqual(['slow', 'quick']);
    expect(events.map(({ type }) => type)).toEqual(['prepared', 'started', 'ended', 'started', 'ended']);
  });

  test('leaves out what has ended before', async () => {
    const ledger = memoryLedger();
    await ledger.record([{ plan: trial('a'), outcome: good(trial('a')) }]);
    const { events, status } = await play({ needs: () => [trial('a'), trial('b')], ledger });
    expect(status).toBe('finished');
    expect(idsOf(events, 'started')).toEqual(['b']);
    expect(events[0]).toMatchObject({ type: 'prepared', ended: [{ plan: { id: 'a' } }] });
  });

  test('runs a batch as one job and records it whole', async () => {
    const jobs: string[][] = [];
    const recorded: number[] = [];
    const memory = memoryLedger();
    const ledger = {
      ...memory,
      record: async (trials: readonly Trial[]) => {
        recorded.push(trials.length);
        await memory.record(trials);
      },
    };
    const answer: Answer = async (job) => {
      jobs.push(job.map(({ id }) => id));
      return job.map(good);
    };
    const needs = () => [trial('a', { batch: 'x' }), trial('b'), trial('c', { batch: 'x' })];
    await play({ needs, answer, ledger });
    expect(jobs).toEqual([['a', 'c'], ['b']]);
    expect(recorded).toEqual([2, 1]);
  });

  test('runs what goes on from another trial after that one, and tells where it comes from', async () => {
    const seen: [string, string[]][] = [];
    const answer: Answer = async (job, _, ancestors) => {
      seen.push([job[0].id, ancestors.map(({ id }) => id)]);
      return job.map(good);
    };
    const needs = () => [trial('c', { from: 'b' }), trial('b', { from: 'a' }), trial('a', { keep: true })];
    const { status } = await play({ needs, answer, lanes: 2 });
    expect(status).toBe('finished');
    expect(seen).toEqual([
      ['a', []],
      ['b', ['a']],
      ['c', ['b', 'a']],
    ]);
  });

  test('fails what would go on from a trial that did not come to its end', async () => {
    const answer: Answer = async (job) => job.map((of) => ({ ...good(of), status: 'diverged' }));
    const needs = () => [trial('a'), trial('b', { from: 'a' }), trial('c', { from: 'b' })];
    const { trials, events } = await play({ needs, answer });
    expect(trials.get('b')?.outcome).toMatchObject({
      status: 'failed',
      error: 'it goes on from a, which ended as diverged',
    });
    expect(trials.get('c')?.outcome.error).toBe('it goes on from b, which ended as failed');
    expect(idsOf(events, 'started')).toEqual(['a']);
  });

  test('that can never end is an error, not a silence', async () => {
    await expect(play({ needs: () => [trial('b', { from: 'nobody' })] })).rejects.toThrow(/b goes on from nobody/);
  });
});

describe('a job whose process is lost', () => {
  const losing = (losses: readonly (number | null)[]): { answer: Answer; attempts: () => number } => {
    let attempt = 0;
    return {
      answer: async (job) => {
        const step = losses[attempt++];
        if (step !== undefined && step !== null) throw new JobLost('its process died', 'SIGKILL', step);
        return job.map(good);
      },
      attempts: () => attempt,
    };
  };

  test('runs again', async () => {
    const { answer } = losing([0, 0]);
    const { trials, events } = await play({ needs: () => [trial('a')], answer });
    expect(trials.get('a')?.outcome.status).toBe('finished');
    expect(events.filter(({ type }) => type === 'lost')).toMatchObject([
      { attempt: 1, why: 'its process died (SIGKILL)' },
      { attempt: 2 },
    ]);
    expect(events.filter(({ type }) => type === 'started').map((event) => 'attempt' in event && event.attempt)).toEqual(
      [1, 2, 3],
    );
  });

  test('is at fault after three losses without a newer checkpoint, and the race goes on', async () => {
    const { answer, attempts } = losing([0, 0, 0]);
    const { trials, status } = await play({ needs: () => [trial('a'), trial('b')], answer });
    expect(status).toBe('finished');
    expect(attempts()).toBe(4);
    expect(trials.get('a')?.outcome).toMatchObject({
      status: 'failed',
      error: 'its process died 3 times near step 0 (SIGKILL)',
    });
    expect(trials.get('b')?.outcome.status).toBe('finished');
  });

  test('may be lost any number of times while its checkpoints go on', async () => {
    const { answer } = losing([0, 10, 10, 20, 20, 30, 30, 40, 40]);
    const { trials } = await play({ needs: () => [trial('a')], answer });
    expect(trials.get('a')?.outcome.status).toBe('finished');
    const { answer: stuck } = losing([0, 10, 10, 10]);
    expect((await play({ needs: () => [trial('a')], answer: stuck })).trials.get('a')?.outcome.status).toBe('failed');
  });
});

describe('a race that stops', () => {
  test('keeps what has ended and not what was interrupted', async () => {
    const stop = new AbortController();
    const answer: Answer = async (job, signal) => {
      if (job[0].id === 'c') stop.abort();
      return job.map((of) => (signal.aborted ? withoutResult('interrupted') : good(of)));
    };
    const needs = () => ['a', 'b', 'c', 'd', 'e'].map((id) => trial(id));
    const { status, trials, events } = await play({ needs, answer, signal: stop.signal });
    expect(status).toBe('interrupted');
    expect([...trials.keys()]).toEqual(['a', 'b']);
    expect(idsOf(events, 'started')).toEqual(['a', 'b', 'c']);
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      trial: { plan: { id: 'c' }, outcome: { status: 'interrupted' } },
    });
  });

  test('does not take a loss for a failure meanwhile', async () => {
    const stop = new AbortController();
    const answer: Answer = async () => {
      stop.abort();
      throw new JobLost('its process died', 'SIGTERM');
    };
    const { status, trials, events } = await play({ needs: () => [trial('a')], answer, signal: stop.signal });
    expect([status, trials.size, idsOf(events, 'lost')]).toEqual(['interrupted', 0, []]);
  });

  test.each(['record', 'started'] as const)(
    'when its ledger refuses (%s): with that error, other lanes told',
    async (verb) => {
      let told = 0;
      const full = async () => {
        throw new Error('the disk is full');
      };
      const answer: Answer = (job, signal) =>
        job[0].id === 'a'
          ? Promise.resolve(job.map(good))
          : new Promise((resolve) => {
              const stop = () => {
                told++;
                resolve(job.map(() => withoutResult('interrupted')));
              };
              if (signal.aborted) stop();
              signal.addEventListener('abort', stop);
            });
      const memory = memoryLedger();
      const ledger = verb === 'record' ? { ...memory, record: full } : { ...memory, started: full };
      const race = play({ needs: () => [trial('a'), trial('b'), trial('c')], answer, lanes: 2, ledger });
      await expect(race).rejects.toThrow('the disk is full');
      expect(told).toBe(verb === 'record' ? 1 : 0);
    },
  );

  test('when nothing can be run any more: with the reason', async () => {
    const answer: Answer = async () => {
      throw new Error('no worker can be started');
    };
    await expect(play({ needs: () => [trial('a')], answer, lanes: 2 })).rejects.toThrow('no worker can be started');
  });
});
