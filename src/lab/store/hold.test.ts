import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { closedAfterEach, onBothDatabases } from '../../testing/both-databases.ts';
import { about, kill, labProcess } from '../../testing/labs.ts';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import { isGone, thisProcess } from './holder.ts';
import { LabFailure } from './lab.ts';
import { openLab } from './open.ts';

const plan = madeUpPlan({ competitors: ['adamw'] });

/** A process that holds a race. A frozen one would outlive a test that fails. */
async function holding(...args: readonly string[]): Promise<ChildProcess> {
  const child = await labProcess('hold', ...args);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Stops a process, though not while it writes: one that is stopped then keeps the lock of SQLite. */
async function freeze(child: ChildProcess, where: string): Promise<void> {
  const other = await openLab(where, { patience: 0.3 });
  const canWrite = () =>
    other.create(plan, about).then(
      () => true,
      (error: unknown) => {
        if (error instanceof LabFailure) return false;
        throw error;
      },
    );
  for (child.kill('SIGSTOP'); !(await canWrite()); child.kill('SIGSTOP')) {
    child.kill('SIGCONT');
    await setTimeout(20);
  }
  await other.close();
}

onBothDatabases((fresh) => {
  const opened = closedAfterEach();

  test('a race that another process runs is refused, with who runs it; when that is killed it can be had at once', async () => {
    const where = await fresh();
    const lab = await opened(where);
    const id = await lab.create(plan, about);
    const child = await holding(where, id);
    expect(await lab.find(id)).toMatchObject({ status: 'running', holder: expect.stringMatching(`:${child.pid}$`) });
    await expect(lab.hold(id)).rejects.toThrow(
      new RegExp(`^${id} is run by process ${child.pid} on \\S+ since 2\\d{3}-\\S+Z;`),
    );
    await kill(child);
    expect(await lab.find(id)).toMatchObject({ status: 'interrupted', holder: null });
    const held = await lab.hold(id);
    expect(await held.ended()).toEqual([]);
    expect(await lab.summaries(id)).toMatchObject([{ state: 'running', attempts: 1 }]);
    expect((await lab.find(id)).status).toBe('running');
  });

  test('the same process cannot hold a race twice; it can after it let go', async () => {
    const lab = await opened(await fresh());
    const id = await lab.create(plan, about);
    const held = await lab.hold(id);
    await expect(lab.hold(id)).rejects.toThrow(`process ${process.pid}`);
    await setTimeout(50);
    await held.release();
    await held.release();
    const again = await lab.hold(id);
    const { seconds } = await lab.find(id);
    await again.end('finished', 12.5);
    expect(await lab.find(id)).toMatchObject({ status: 'finished', holder: null });
    const third = await lab.hold(id);
    await third.end('interrupted', 2);
    const ended = await lab.find(id);
    expect(ended.status).toBe('interrupted');
    // What it had been held for without coming to an end counts too.
    expect(ended.seconds).toBeGreaterThan(14.54);
    expect(ended.seconds).toBeLessThanOrEqual(14.5 + seconds);
  });

  test('of many that want it at once one gets it', async () => {
    const where = await fresh();
    const labs = await Promise.all([opened(where), opened(where), opened(where)]);
    const id = await labs[0].create(plan, about);
    const ends = await Promise.allSettled([...labs, ...labs].map((lab) => lab.hold(id)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('closing the lab lets go', async () => {
    const where = await fresh();
    const first = await openLab(where);
    const id = await first.create(plan, about);
    await first.hold(id);
    await first.close();
    await (await opened(where)).hold(id);
  });

  test('one that is kept up outlives its lease; killed, its time counts up to the last renewal, in this run and the next', async () => {
    const where = await fresh();
    const lab = await opened(where);
    const id = await lab.create(plan, about);
    const child = await holding(where, id, '0.4');
    await setTimeout(900);
    await expect(lab.hold(id)).rejects.toThrow(`process ${child.pid}`);
    const running = await lab.find(id);
    expect(running.seconds).toBeGreaterThan(0.9);
    await kill(child);
    const killed = await lab.find(id);
    // A renewal may be waited for as long as the lease; on a quiet machine it comes every 25 ms.
    expect(killed.seconds).toBeGreaterThan(running.seconds - 0.4);
    const held = await lab.hold(id);
    await held.end('finished', 10);
    expect((await lab.find(id)).seconds).toBeCloseTo(killed.seconds + 10, 6);
    expect((await lab.races())[0].seconds).toBeCloseTo(killed.seconds + 10, 6);
  });

  test('one that fell silent can be taken; who had it hears of it, and can neither double a trial nor end the race', async () => {
    const where = await fresh();
    const lab = await opened(where);
    const id = await lab.create(plan, about);
    const child = await holding(where, id, '0.4');
    await setTimeout(300);
    await freeze(child, where);
    await vi.waitFor(async () => expect(await lab.find(id)).toMatchObject({ status: 'interrupted' }), 5000);
    const held = await lab.hold(id);
    const own = trialPlan('adamw', 'final', 0);
    const trial = { plan: own, outcome: finishedOutcome(own, 0.1) };
    await held.record([trial]);
    const said = child.stdout && once(child.stdout, 'data');
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    expect(String((await said)?.[0])).toContain(`the hold on ${id} was lost: another process took the race over`);
    expect(await ended).toEqual([0, null]);
    expect(await held.ended()).toEqual([trial]);
    expect(held.lost.aborted).toBe(false);
    await held.end('interrupted', 1);
    // With the time for which the other is known to have run it.
    const { status, seconds } = await lab.find(id);
    expect(status).toBe('interrupted');
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThan(100);
  });
});

describe('a process', () => {
  test('that lives is not gone, and a number that was used again is not the process that had it', () => {
    const me = thisProcess();
    expect(isGone(me)).toBe(false);
    expect(isGone({ ...me, life: '1' })).toBe(process.platform === 'linux');
  });

  test('elsewhere is never certain to be gone', () => {
    expect(isGone({ ...thisProcess(), space: 'elsewhere', pid: 999_999_999 })).toBe(false);
    expect(isGone({ ...thisProcess(), pid: 999_999_999 })).toBe(true);
  });
});
