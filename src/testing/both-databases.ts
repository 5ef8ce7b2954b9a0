import { afterAll, afterEach, describe } from 'vitest';
import type { Lab } from '../lab/store/lab.ts';
import { openLab } from '../lab/store/open.ts';
import { freshPath } from './labs.ts';
import { startPostgres } from './postgres.ts';

/** The same tests on SQLite and on PostgreSQL. Without a PostgreSQL they run on SQLite and say so. */
export function onBothDatabases(tests: (fresh: () => Promise<string>) => void): void {
  describe('in SQLite', () => tests(async () => freshPath()));
  const server = startPostgres();
  describe('in PostgreSQL', async () => {
    const postgres = await server;
    if (postgres.skipped !== undefined) {
      if (process.env.CI) throw new Error(postgres.skipped);
      process.stderr.write(`tests on PostgreSQL skipped: ${postgres.skipped}\n`);
      describe.skip(postgres.skipped, () => tests(async () => ''));
      return;
    }
    afterAll(() => postgres.stop());
    tests(postgres.fresh);
  });
}

/** Opens labs that are closed when the test has ended. */
export function closedAfterEach(): (where: string) => Promise<Lab> {
  const open: Lab[] = [];
  afterEach(async () => {
    for (const lab of open.splice(0)) await lab.close();
  });
  return async (where) => {
    const lab = await openLab(where);
    open.push(lab);
    return lab;
  };
}
