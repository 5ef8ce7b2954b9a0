import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { trialPlan } from '../testing/race.ts';
import { workerPool } from './worker-pool.ts';

const file = fileURLToPath(new URL('../../tests/crashing-worker.ts', import.meta.url));
const setup = { task: 'quadratic', competitors: [], schedule: { warmup: 0, decay: 'none' }, engine: 'wasm' } as const;
const quiet = () => {};
const never = new AbortController().signal;

describe('a worker process', () => {
  test('that dies fails its trial alone, and is replaced', async () => {
    const pool = workerPool({ jobs: 1, setup, file });
    await pool.prepare();
    const [lane] = pool.lanes;
    const before = await lane.run(trialPlan('a', 'tune', 0), quiet, never);
    const crash = await lane.run(trialPlan('crash', 'tune', 0), quiet, never);
    const after = await lane.run(trialPlan('a', 'tune', 1), quiet, never);
    await pool.close();
    expect([before.status, crash.status, after.status]).toEqual(['finished', 'failed', 'finished']);
    expect(crash.error).toMatch(/process died \(SIGKILL\)/);
    // The made-up error is the process id.
    expect(after.validation[0].loss).not.toBe(before.validation[0].loss);
  });

  test('that cannot load the task refuses the race with the reason', async () => {
    const pool = workerPool({ jobs: 1, setup: { ...setup, task: 'no-such-task' } });
    await expect(pool.prepare()).rejects.toThrow(/no task 'no-such-task'/);
    await pool.close();
  });

  test('is not started for a race that was stopped', async () => {
    const pool = workerPool({ jobs: 1, setup, file });
    await pool.prepare();
    const outcome = await pool.lanes[0].run(trialPlan('crash', 'tune', 0), quiet, AbortSignal.abort());
    await pool.close();
    expect(outcome.status).toBe('interrupted');
  });
});
