import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { about, freshPath } from '../../testing/labs.ts';
import { finishedOutcome, madeUpPlan, trialPlan } from '../../testing/race.ts';
import { openLab } from './open.ts';
import { sqlLab } from './sql-lab.ts';
import { makeDurable, openSqlite } from './sqlite.ts';

const plan = madeUpPlan({ competitors: ['adamw'] });
const trial = (index: number) => {
  const own = trialPlan('adamw', 'final', index);
  return { plan: own, outcome: finishedOutcome(own, 0.2) };
};

test('a lab is one file that other tools read, in WAL mode, its log gone after it was closed', async () => {
  const path = freshPath();
  const lab = await openLab(path);
  const id = await lab.create(plan, about);
  await (await lab.ledger(id)).record([trial(0)]);
  const other = new DatabaseSync(path, { readOnly: true });
  expect(other.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(other.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(
    other.prepare("select json_extract(points, '$.loss[0]') as loss from curves where series = 'train'").all(),
  ).toEqual([{ loss: 2 }]);
  other.close();
  await lab.close();
  expect(() => readFileSync(`${path}-wal`)).toThrow('ENOENT');
});

test('a commit is on the disk when it returns, and keys hold', () => {
  const database = openSqlite(freshPath(), { create: true, patience: 0 });
  makeDurable(database.file);
  const pragma = (name: string) => database.file.prepare(`pragma ${name}`).get()?.[name];
  // 2 is FULL.
  expect([pragma('synchronous'), pragma('foreign_keys'), pragma('journal_mode')]).toEqual([2, 1, 'wal']);
  database.file.close();
});

test('when the disk is full a trial is refused as a whole, with the reason; with room again it can be written', async () => {
  const path = freshPath();
  await (await openLab(path)).close();
  const database = openSqlite(path, { create: false, patience: 0 });
  makeDurable(database.file);
  const lab = sqlLab(database, 10);
  const id = await lab.create(plan, about);
  const ledger = await lab.ledger(id);
  await ledger.record([trial(0)]);
  const { page_count: pages } = database.file.prepare('pragma page_count').get() as { page_count: number };
  // SQLite's own limit gives the error of a full disk (SQLITE_FULL), at the same places.
  database.file.exec(`pragma max_page_count = ${pages + 1}`);
  const large = {
    ...trial(1),
    outcome: { ...trial(1).outcome, trainLoss: Array(5000).fill({ step: 1, loss: 1 / 3 }) },
  };
  await expect(ledger.record([large])).rejects.toMatchObject({
    name: 'LabFailure',
    message: expect.stringMatching(
      /lab\.sqlite: cannot write to made-up-race-\S+: the disk is full; make room and go on/,
    ),
  });
  expect(await ledger.ended()).toEqual([trial(0)]);
  database.file.exec('pragma max_page_count = 100000');
  await ledger.record([large]);
  expect(await ledger.ended()).toHaveLength(2);
  await lab.close();
});

test('who finds another process writing waits for it', async () => {
  const path = freshPath();
  const lab = await openLab(path);
  const id = await lab.create(plan, about);
  const writer = spawn(
    process.execPath,
    [
      '-e',
      `const { DatabaseSync } = require('node:sqlite');
       const db = new DatabaseSync(${JSON.stringify(path)});
       db.exec('begin immediate');
       console.log('writing');
       setTimeout(() => db.exec('commit'), 1500);`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  const ended = new Promise((resolve) => writer.once('exit', resolve));
  // Longer than SQLite itself waits.
  await (await lab.ledger(id)).record([trial(0)]);
  expect(await ended).toBe(0);
  expect(await lab.trials(id)).toHaveLength(1);
  await lab.close();
});

test('who would wait for ever is told what for', async () => {
  const path = freshPath();
  const lab = await openLab(path, { patience: 0 });
  const other = new DatabaseSync(path);
  other.exec('begin immediate');
  await expect(lab.create(plan, about)).rejects.toThrow(/cannot make a race: another process is writing/);
  other.exec('commit');
  other.close();
  await lab.create(plan, about);
  await lab.close();
});

/** What a process says that opens a lab and warns. */
const opener = (path: string, user?: number) => {
  const open = JSON.stringify(fileURLToPath(new URL('./open.ts', import.meta.url)));
  const program = `
    const { openLab } = await import(${open});
    try {
      await (await openLab(${JSON.stringify(path)})).close();
    } catch (error) {
      console.log(error.name + ': ' + error.message);
    }
    process.emitWarning('another one', 'ExperimentalWarning');`;
  return spawnSync(process.execPath, ['--conditions=thalweg-source', '--input-type=module', '-e', program], {
    encoding: 'utf8',
    uid: user,
  });
};

test('Node does not call SQLite experimental to the user; other warnings come through', () => {
  const { stdout, stderr } = opener(freshPath());
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/SQLite/);
  expect(stderr).toMatch(/ExperimentalWarning: another one/);
});

test('a file that may not be written is refused with what to do', async () => {
  const path = freshPath();
  await (await openLab(path)).close();
  // Root may write anything, so somebody else has a look.
  const user = process.getuid?.() === 0 ? 65_534 : undefined;
  if (user !== undefined) chownSync(dirname(path), user, user);
  chmodSync(dirname(path), 0o755);
  chmodSync(path, 0o444);
  expect(opener(path, user).stdout).toMatch(
    /^LabError: .*lab\.sqlite cannot be opened: this user may not read and write .*lab\.sqlite; change that, or copy/,
  );
});
