import { describe, expect, test, vi } from 'vitest';
import { closedAfterEach, onBothDatabases } from '../../testing/both-databases.ts';
import { about, kill, labProcess } from '../../testing/labs.ts';
import { divergedOutcome, finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import type { Trial } from '../plan.ts';
import { openLab } from './open.ts';

const plan = madeUpPlan({ name: 'Two of them', competitors: ['adamw', 'sgd'] });

const ending = (error: number, index = 0, competitor = 'adamw'): Trial => {
  const own = trialPlan(competitor, 'final', index);
  return { plan: own, outcome: finishedOutcome(own, error) };
};

onBothDatabases((fresh) => {
  const opened = closedAfterEach();

  describe('races', () => {
    test('a race is what it was made of, also for the next who opens the lab', async () => {
      const where = await fresh();
      const first = await openLab(where);
      const id = await first.create(plan, about);
      expect(id).toMatch(/^two-of-them-[0-9a-f]{4}$/);
      await first.close();
      const lab = await opened(where);
      expect(await lab.find(id)).toMatchObject({
        id,
        name: 'Two of them',
        status: 'interrupted',
        tasks: ['made-up'],
        competitors: ['adamw', 'sgd'],
        protocol: 'equal-budget',
        ended: 0,
        failed: 0,
        running: 0,
        seconds: 0,
        holder: null,
        plan,
        ...about,
      });
    });

    test('ids stay apart when names do not, and the newest comes first', async () => {
      const lab = await opened(await fresh());
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        ids.push(await lab.create(plan, about));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(new Set(ids).size).toBe(3);
      expect((await lab.races()).map(({ id }) => id)).toEqual(ids.reverse());
      expect((await lab.find('latest')).id).toBe(ids[0]);
    });

    test('is found by a beginning that only it has; others are refused, naming what there is', async () => {
      const lab = await opened(await fresh());
      await expect(lab.find('latest')).rejects.toThrow(/no race 'latest' in .*; it holds no race yet/);
      const one = await lab.create(madeUpPlan({ name: 'alpha', competitors: ['sgd'] }), about);
      const two = await lab.create(madeUpPlan({ name: 'alps', competitors: ['sgd'] }), about);
      expect((await lab.find('alph')).id).toBe(one);
      expect((await lab.find(two)).id).toBe(two);
      await expect(lab.find('al')).rejects.toThrow(/'al' may be al\S+, al\S+ in/);
      await expect(lab.find('beta')).rejects.toThrow(/no race 'beta' in .*; there are al\S+, al/);
      for (const work of ['hold', 'ledger', 'trials', 'summaries'] as const) {
        await expect(lab[work]('beta')).rejects.toThrow(/no race 'beta'/);
      }
    });

    test('names that no shell or folder likes become ids that both do', async () => {
      const lab = await opened(await fresh());
      const id = async (name: string) => lab.create({ ...plan, name }, about);
      expect(await id('../Adam & Eve/"$1"')).toMatch(/^adam-eve-1-[0-9a-f]{4}$/);
      expect(await id('比較')).toMatch(/^race-[0-9a-f]{4}$/);
      expect((await lab.races()).map(({ name }) => name)).toContain('比較');
    });

    test('a removed race is gone with its trials and curves; of a list with a held one none is', async () => {
      const lab = await opened(await fresh());
      const [one, two] = [await lab.create(plan, about), await lab.create(plan, about)];
      for (const id of [one, two]) await (await lab.ledger(id)).record([ending(0.2)]);
      const held = await lab.hold(two);
      await expect(lab.remove([one, two])).rejects.toThrow(`${two} is not removed: ${two} is run by process`);
      expect(await lab.races()).toHaveLength(2);
      await held.release();
      await lab.remove([one]);
      await lab.compact();
      expect((await lab.races()).map(({ id }) => id)).toEqual([two]);
      expect([...(await lab.sizes()).keys()]).toEqual([two]);
      expect(await lab.trials(two)).toHaveLength(1);
    });
  });

  describe('trials', () => {
    test('come back to the last bit, in the order of their ids', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      const trials = [ending(0.1 + 0.2, 1), ending(Math.PI / 10, 0, 'sgd'), ending(1e-300, 0)];
      const long = {
        ...trials[0],
        outcome: {
          ...trials[0].outcome,
          trainLoss: Array.from({ length: 500 }, (_, i) => ({ step: i, loss: Math.fround(Math.exp(-i / 7)) })),
        },
      };
      await (await lab.ledger(id)).record([long, trials[1], trials[2]]);
      const kept = await lab.trials(id);
      expect(kept).toEqual([trials[2], long, trials[1]]);
      expect(await (await lab.ledger(id)).ended()).toEqual(kept);
    });

    test('as far as scores need them have validation curves of final runs, and the ends of all others', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      const points = [3, 2, 1].map((loss, i) => ({ step: 10 * i, loss }));
      const evaluations = points.map(({ step, loss }) => ({ step, seconds: 0.1, loss, metrics: { error: loss / 10 } }));
      const of = (phase: 'tune' | 'final'): Trial => {
        const own = trialPlan('adamw', phase, 0);
        return { plan: own, outcome: { ...finishedOutcome(own, 0.1), trainLoss: points, validation: evaluations } };
      };
      const [final, tune] = [of('final'), of('tune')];
      await (await lab.ledger(id)).record([tune, final]);
      expect(await lab.trials(id)).toEqual([final, tune]);
      const ends = <T>([first, , last]: readonly T[]) => [first, last];
      expect(await lab.trials(id, 'scores')).toEqual([
        { ...final, outcome: { ...final.outcome, trainLoss: ends(points) } },
        { ...tune, outcome: { ...tune.outcome, trainLoss: ends(points), validation: ends(evaluations) } },
      ]);
    });

    test('what is not a number is NaN again, and what was not there is still not there', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      const own = trialPlan('sgd', 'tune', 0);
      const blown = {
        ...divergedOutcome(own),
        trainLoss: [{ step: 7, loss: Number.NaN }],
        peakBytes: Number.NaN,
      };
      const failed: Trial = {
        plan: trialPlan('sgd', 'tune', 1),
        outcome: { ...divergedOutcome(own), status: 'failed', error: 'out of\0memory: null' },
      };
      await (await lab.ledger(id)).record([{ plan: own, outcome: blown }, failed]);
      expect(await lab.trials(id)).toEqual([{ plan: own, outcome: blown }, failed]);
      const [first, second] = await lab.summaries(id);
      expect(first).toMatchObject({ status: 'diverged', steps: 7, loss: Number.NaN, metric: Number.NaN, error: null });
      expect(second).toMatchObject({ status: 'failed', error: 'out ofmemory: null' });
      expect((await lab.find(id)).failed).toBe(1);
    });

    test('one that runs counts its attempts and becomes one that ended, with its beginning kept', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      const held = await lab.hold(id);
      const trial = ending(0.2);
      await held.started([trial.plan], 1);
      const running = await lab.trial(id, trial.plan.id);
      expect(running).toMatchObject({ state: 'running', attempts: 1, status: null, outcome: null, ended: null });
      expect(await lab.trials(id)).toEqual([]);
      expect(await lab.find(id)).toMatchObject({ ended: 0, running: 1 });
      await held.started([trial.plan], 2);
      await held.record([trial]);
      // Too late to begin, and to end otherwise.
      await held.started([trial.plan], 3);
      await held.record([ending(0.3)]);
      const ended = await lab.trial(id, 'made-up/adamw/f');
      expect(ended).toMatchObject({
        id: 'made-up/adamw/final/0',
        state: 'ended',
        attempts: 2,
        status: 'finished',
        metric: 0.2,
        test: 0.2 * 1.1,
        started: running.started,
        plan: trial.plan,
        outcome: trial.outcome,
      });
      expect(ended.worker).toMatch(new RegExp(`:${process.pid}$`));
      expect(await held.ended()).toEqual([trial]);
    });

    test('one that is not there is refused, naming some that are', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      await expect(lab.trial(id, 'x')).rejects.toThrow(`there is no trial 'x' of ${id}; none began yet`);
      await (await lab.ledger(id)).record([ending(0.1), ending(0.1, 1)]);
      await expect(lab.trial(id, 'x')).rejects.toThrow(/there are made-up\/adamw\/final\/0, made-up/);
      await expect(lab.trial(id, 'made')).rejects.toThrow(/may be made-up\/adamw\/final\/0, made-up/);
    });

    test('of a batch all are written or none', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      const ledger = await lab.ledger(id);
      const broken = { ...ending(0.2, 1), plan: { ...ending(0.2, 1).plan, competitor: null as unknown as string } };
      await expect(ledger.record([ending(0.1), broken])).rejects.toThrow();
      expect(await lab.summaries(id)).toEqual([]);
      await ledger.record([ending(0.1)]);
      expect(await ledger.ended()).toEqual([ending(0.1)]);
    });

    test('one that was interrupted has not ended and is refused', async () => {
      const lab = await opened(await fresh());
      const id = await lab.create(plan, about);
      const trial: Trial = { ...ending(0.1), outcome: { ...ending(0.1).outcome, status: 'interrupted' } };
      await expect((await lab.ledger(id)).record([trial])).rejects.toThrow(/interrupted/);
      expect(await lab.summaries(id)).toEqual([]);
    });

    test('what a process said it had written is there after it was killed, and of a batch all or none', async () => {
      const where = await fresh();
      const lab = await opened(where);
      const id = await lab.create(plan, about);
      const child = await labProcess('stream', where, id, '0.2');
      let said = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await vi.waitFor(() => expect(said.split('\n').length).toBeGreaterThan(10), 10_000);
      await kill(child);
      const written = Number(said.split('\n').at(-2));
      await lab.close();
      const again = await opened(where);
      const kept = await again.trials(id);
      expect(kept.length).toBeGreaterThanOrEqual(written);
      expect(kept.length % 4).toBe(0);
      expect(kept.map(({ plan }) => plan.index).sort((a, b) => a - b)).toEqual(kept.map((_, i) => i));
      for (const trial of kept) expect(trial.outcome).toEqual(finishedOutcome(trial.plan, 0.2));
    });

    test('three processes that record the same trials leave each once, as one of them had it', async () => {
      const where = await fresh();
      const lab = await opened(where);
      const id = await lab.create(plan, about);
      const errors = [0.1, 0.2, 0.3];
      const children = await Promise.all(errors.map((error) => labProcess('record', where, id, `${error}`, '40')));
      const codes = await Promise.all(
        children.map((child) => {
          const code = new Promise((resolve) => child.once('exit', resolve));
          child.stdin?.write('go\n');
          return code;
        }),
      );
      expect(codes).toEqual([0, 0, 0]);
      const trials = await lab.trials(id);
      expect(trials).toHaveLength(40);
      for (const { plan: own, outcome } of trials) {
        const error = outcome.validation[0].metrics.error;
        expect(errors).toContain(error);
        expect(outcome).toEqual(finishedOutcome(own, error));
      }
    });
  });
});
