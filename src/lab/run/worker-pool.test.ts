import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { madeUpPlan, madeUpTask, trialPlan } from '../../testing/race.ts';
import type { TrialPlan } from '../plan.ts';
import { JobLost } from './lane.ts';
import { MemoryGate } from './memory.ts';
import { type WorkerPoolOptions, workerPool } from './worker-pool.ts';

const file = fileURLToPath(new URL('../../../tests/fake-worker.ts', import.meta.url));
const module = fileURLToPath(new URL('../../../tests/chaos/tasks.ts', import.meta.url));
const quiet = () => {};
const never = new AbortController().signal;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-pool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function withPool<T>(
  options: Partial<WorkerPoolOptions>,
  use: (pool: ReturnType<typeof workerPool>) => Promise<T>,
): Promise<T> {
  const plan = madeUpPlan({ competitors: ['a'] });
  const pool = workerPool({ jobs: 1, plan, checkpoints: folder, file, ...options });
  try {
    await pool.prepare();
    return await use(pool);
  } finally {
    await pool.close();
  }
}

const job = (competitor: string, index = 0) => [trialPlan(competitor, 'tune', index)];

describe('a worker process', () => {
  test('that dies loses its job alone, and is replaced', async () => {
    await withPool({}, async ({ lanes: [lane] }) => {
      const [before] = await lane.run(job('a'), quiet, never, []);
      const crash = await lane.run(job('crash'), quiet, never, []).catch((error: unknown) => error);
      const [after] = await lane.run(job('a', 1), quiet, never, []);
      expect(crash).toBeInstanceOf(JobLost);
      expect(crash).toMatchObject({ message: 'its process died (SIGKILL)', step: 0 });
      // The made-up error is the process id.
      expect(after.validation[0].loss).not.toBe(before.validation[0].loss);
    });
  });

  test('that exits with an error tells it', async () => {
    await withPool({}, async ({ lanes: [lane] }) => {
      await expect(lane.run(job('throw'), quiet, never, [])).rejects.toThrow(/exit code 1: Error: what went wrong/);
    });
  });

  test('that hangs is killed after a while without a sign of life, and not before', async () => {
    await withPool({ hangSeconds: 1 }, async ({ lanes: [lane] }) => {
      // It works for longer than that, and gives signs of life.
      expect((await lane.run(job('slow'), quiet, never, []))[0].status).toBe('finished');
      await expect(lane.run(job('hang'), quiet, never, [])).rejects.toThrow(
        'its process hung (no sign of life for 1 s)',
      );
      expect((await lane.run(job('a'), quiet, never, []))[0].status).toBe('finished');
    });
  });

  test('that outgrows its memory is killed, and says how large it was', async () => {
    await withPool({ memoryLimit: 300 * 2 ** 20 }, async ({ lanes: [lane] }) => {
      await expect(lane.run(job('leak'), quiet, never, [])).rejects.toThrow(
        /its process was stopped \(0\.\d\d GiB of memory, more than 0\.29 GiB\)/,
      );
    });
  });

  test('that has grown past half of its memory is replaced between two jobs', async () => {
    await withPool({ memoryLimit: 800 * 2 ** 20 }, async ({ lanes: [lane] }) => {
      const losses: number[] = [];
      for (const competitor of ['a', 'a', 'grow', 'a']) {
        const [outcome] = await lane.run(job(competitor), quiet, never, []);
        losses.push(outcome.validation[0].loss);
      }
      expect(losses[0]).toBe(losses[1]);
      expect(losses[1]).toBe(losses[2]);
      expect(losses[3]).not.toBe(losses[2]);
    });
  });

  test('is not started for a race that was stopped', async () => {
    await withPool({}, async ({ lanes: [lane] }) => {
      const [outcome] = await lane.run(job('crash'), quiet, AbortSignal.abort(), []);
      expect(outcome.status).toBe('interrupted');
    });
  });

  test('that cannot load what trials need refuses the race with the reason', async () => {
    const plan = madeUpPlan({ competitors: ['a'], tasks: ['no-such-task'] });
    await expect(withPool({ plan, file: undefined }, async () => {})).rejects.toThrow(/no-such-task/);
  });

  test('that dies whenever it starts is given up with the reason', async () => {
    const plan = madeUpPlan({ competitors: ['a'], name: 'dies at once' });
    await expect(withPool({ plan }, async () => {})).rejects.toThrow(
      /cannot be started: .* while it loaded \(exit code 7\)/,
    );
  });
});

describe('a real trial', () => {
  const plan = madeUpPlan({
    competitors: ['adamw'],
    tasks: [madeUpTask('slow-network', { steps: 120, target: { metric: 'error', value: 0.2 } })],
    module,
    engine: 'wasm',
  });
  const [task] = plan.tasks;
  const trial: TrialPlan = { ...trialPlan('adamw', 'final', 0, 0.01, task), evaluateEvery: 40 };
  const checkpoint = { file: undefined, plan, checkpointSeconds: 0.05 };
  const numbers = ({ validation, trainLoss, test: at, status }: Awaited<ReturnType<typeof ending>>) => ({
    validation: validation.map(({ step, loss, metrics }) => [step, loss, metrics]),
    trainLoss,
    at: at && [at.loss, at.metrics],
    status,
  });
  const ending = async (lane: ReturnType<typeof workerPool>['lanes'][number]) =>
    (await lane.run([trial], quiet, never, []))[0];

  test('that is cancelled goes on from there in another pool, to the same numbers', async () => {
    const whole = await withPool({ ...checkpoint, checkpoints: null }, ({ lanes: [lane] }) => ending(lane));
    const stop = new AbortController();
    const half = await withPool(checkpoint, async ({ lanes: [lane] }) => {
      const seen = (_: TrialPlan, { step }: { step: number }) => step > 30 && stop.abort();
      return (await lane.run([trial], seen, stop.signal, []))[0];
    });
    expect(half.status).toBe('interrupted');
    const steps: number[] = [];
    const rest = await withPool(checkpoint, async ({ lanes: [lane] }) => {
      const seen = (_: TrialPlan, { step }: { step: number }) => void steps.push(step);
      return (await lane.run([trial], seen, never, []))[0];
    });
    expect(Math.min(...steps)).toBeGreaterThan(30);
    expect(numbers(rest)).toEqual(numbers(whole));
    expect(rest.peakBytes).toBeGreaterThan(2 ** 25);
  });
});

test('a job begins when there is memory for it, or nothing else runs', async () => {
  let available = 10;
  const gate = new MemoryGate(() => available);
  gate.saw(20);
  await gate.enter(never);
  const stop = new AbortController();
  let entered = 0;
  const second = gate.enter(never).then(() => entered++);
  const third = gate.enter(stop.signal).then(() => entered++);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(entered).toBe(0);
  stop.abort();
  await third;
  expect(entered).toBe(1);
  available = 30;
  await second;
  expect(entered).toBe(2);
});
