import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { onBothDatabases } from '../../testing/both-databases.ts';
import { about, freshPath } from '../../testing/labs.ts';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import { endsOf, pointsOf } from './curves.ts';
import type { Database } from './database.ts';
import { encode } from './json.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { isAddress, openLab } from './open.ts';
import { openPostgres } from './postgres.ts';
import { makeDurable, openSqlite } from './sqlite.ts';

const plan = madeUpPlan({ competitors: ['adamw'] });

const connect = (where: string): Database => {
  if (isAddress(where)) return openPostgres(where, 0);
  const database = openSqlite(where, { create: true, patience: 0 });
  makeDurable(database.file);
  return database;
};

const tablesOf = async (where: string): Promise<readonly string[]> => {
  const database = connect(where);
  const tables = await database.tables();
  await database.close();
  return [...tables].sort();
};

onBothDatabases((fresh) => {
  test('a lab of the first version opens, with all that is in it, and is then of the latest', async () => {
    const where = await fresh();
    const old = connect(where);
    await migrate(old, '001-races');
    expect(await old.tables()).not.toContain('holds');
    const own = trialPlan('adamw', 'final', 0);
    const outcome = finishedOutcome(own, 0.2);
    // As the first version wrote it, column by column.
    await old.db
      .insertInto('races')
      .values({
        id: 'old-0001',
        name: 'old',
        plan: JSON.stringify(plan),
        machine: JSON.stringify(about.machine),
        command: null,
        created: '2026-01-02T03:04:05.678Z',
        status: 'finished',
        seconds: 5,
      })
      .execute();
    await old.db
      .insertInto('trials')
      .values({
        race: 'old-0001',
        trial: own.id,
        task: own.task,
        competitor: own.competitor,
        phase: own.phase,
        place: 0,
        seed: own.seed,
        plan: JSON.stringify(own),
        state: 'ended',
        attempts: 1,
        worker: 'there:1',
        version: '0.1.0',
        machine: 'a machine',
        started: '2026-01-02T03:04:05.678Z',
        ended: '2026-01-02T03:05:05.678Z',
        status: 'finished',
        steps: outcome.steps,
        loss: 0.6,
        metric: 0.2,
        test: 0.22,
        seconds: outcome.seconds,
        error: null,
        outcome: encode({ ...outcome, ...endsOf(outcome) }),
      })
      .execute();
    const points = pointsOf(outcome);
    await old.db
      .insertInto('curves')
      .values([
        { race: 'old-0001', series: 'train', trial: own.id, points: points.train },
        { race: 'old-0001', series: 'validation', trial: own.id, points: points.validation },
      ])
      .execute();
    await old.close();

    const lab = await openLab(where);
    expect(await lab.races()).toMatchObject([{ id: 'old-0001', status: 'finished', ended: 1, seconds: 5 }]);
    expect(await lab.trials('old-0001')).toEqual([{ plan: own, outcome }]);
    const held = await lab.hold('old-0001');
    await held.end('finished', 1);
    await lab.close();
    expect(await tablesOf(where)).toEqual(await tablesOf(await emptyLab(await fresh())));
  });

  test('a newer lab is refused with the version that made it, and left as it is', async () => {
    const where = await emptyLab(await fresh());
    const newer = connect(where);
    await newer.db
      .insertInto('versions')
      .values({ migration: '999-later', thalweg: '7.8.9', migrated: new Date().toISOString() })
      .execute();
    await sql`insert into ${sql.table(newer.schema ? 'thalweg.migrations' : 'migrations')} values ('999-later', '2030-01-01T00:00:00.000Z')`.execute(
      newer.db,
    );
    await newer.close();
    const before = isAddress(where) ? null : readFileSync(where);
    await expect(openLab(where)).rejects.toThrow(
      /was made by thalweg 7\.8\.9, which is newer than this one \(\d+\.\d+\.\d+\): it is left as it is; install thalweg 7\.8\.9 or later/,
    );
    if (before) expect(readFileSync(where).equals(before)).toBe(true);
    const after = connect(where);
    expect(await after.db.selectFrom('versions').selectAll().execute()).toHaveLength(3);
    await after.close();
  });

  test('a migration that fails leaves nothing of itself', async () => {
    const where = await fresh();
    const database = connect(where);
    await migrate(database, '001-races');
    // In the way of the second one, which makes a table first.
    await database.db.schema.createIndex('trials_by_status').on('races').column('name').execute();
    await expect(migrate(database)).rejects.toThrow(/trials_by_status/);
    expect(await database.tables()).not.toContain('holds');
    expect(await database.db.selectFrom('versions').select('migration').execute()).toEqual([
      { migration: '001-races' },
    ]);
    await database.db.schema.dropIndex('trials_by_status').execute();
    await migrate(database);
    expect(await database.tables()).toContain('holds');
    await database.close();
  });

  test('many may open a lab that is not there yet', async () => {
    const where = await fresh();
    const labs = await Promise.all(Array.from({ length: 4 }, () => openLab(where)));
    const [id] = [await labs[0].create(plan, about)];
    for (const lab of labs) expect((await lab.races()).map((race) => race.id)).toEqual([id]);
    for (const lab of labs) await lab.close();
  });

  test('without leave to make one, a lab that is not there is refused and not made', async () => {
    const where = await fresh();
    await expect(openLab(where, { create: false })).rejects.toThrow(/there is no lab (at|in) /);
    if (isAddress(where)) expect(await tablesOf(where)).toEqual([]);
    else expect(() => readFileSync(where)).toThrow('ENOENT');
  });
});

test('every migration has its place in the order of their names', () => {
  const names = Object.keys(migrations);
  expect(names).toEqual([...names].sort());
  names.forEach((name, i) => {
    expect(name).toMatch(new RegExp(`^${String(i + 1).padStart(3, '0')}-`));
  });
});

async function emptyLab(where: string): Promise<string> {
  await (await openLab(where)).close();
  return where;
}

describe('what is no lab is refused and left as it is', () => {
  const refused = async (path: string, message: RegExp, name = 'LabError') => {
    const before = readFileSync(path);
    await expect(openLab(path)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(readFileSync(path).equals(before)).toBe(true);
  };

  test('a text', async () => {
    const path = freshPath();
    writeFileSync(path, 'optimizer,loss\n'.repeat(1000));
    await refused(path, /cannot be opened: it is no SQLite database/);
  });

  test('a database of something else', async () => {
    const path = freshPath();
    const other = new DatabaseSync(path);
    other.exec('create table moz_places (url text)');
    other.close();
    await refused(path, /is no lab of thalweg: it is a database with other tables \(moz_places\)/);
  });

  test('half of a lab', async () => {
    const whole = await emptyLab(freshPath());
    const path = freshPath();
    copyFileSync(whole, path);
    writeFileSync(path, readFileSync(path).subarray(0, 6000));
    await refused(path, /the file is damaged/, 'LabFailure');
  });

  test('a folder, a folder that is not there, nothing at all, another kind of address', async () => {
    const path = freshPath();
    mkdirSync(path);
    await expect(openLab(path)).rejects.toThrow(
      `${path} is no file; a lab is one file, such as ${join(path, 'lab.sqlite')}`,
    );
    const missing = join(dirname(path), 'not', 'there', 'lab.sqlite');
    await expect(openLab(missing)).rejects.toThrow(/cannot be made: there is no folder .*there; make it first/);
    await expect(openLab('')).rejects.toThrow('a lab needs a path');
    await expect(openLab('mysql://root:secret@there/lab')).rejects.toThrow(
      'a lab cannot be at mysql://...; give a path such as lab.sqlite, or a postgres:// address',
    );
  });
});
