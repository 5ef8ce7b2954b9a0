import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Trial } from '../lab/plan.ts';
import type { RaceSummary } from '../lab/store/lab.ts';
import { openLab } from '../lab/store/open.ts';
import { about, freshPath, kill, labProcess } from '../testing/labs.ts';
import { divergedOutcome, finishedOutcome, madeUpPlan, trialPlan } from '../testing/race.ts';
import { run } from './run.ts';

interface Ended {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly err: string;
}

/** The command line in this process, which is much quicker than one of its own. */
async function thalweg(...args: readonly string[]): Promise<Ended> {
  const heard = { stdout: '', stderr: '' };
  const ears = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      heard[name] += stripVTControlCharacters(String(text));
      return true;
    }),
  );
  try {
    await run(args);
    return { code: process.exitCode, out: heard.stdout, err: heard.stderr };
  } finally {
    process.exitCode = undefined;
    for (const ear of ears) ear.mockRestore();
  }
}

const ending = (competitor: string, index: number, error: number): Trial => {
  const plan = trialPlan(competitor, 'final', index);
  return { plan, outcome: finishedOutcome(plan, error) };
};

/** A lab with two races: one on which adamw is better than sgd, then one in which a trial failed. */
async function madeUpLab() {
  const where = freshPath();
  const lab = await openLab(where);
  const plan = madeUpPlan({ name: 'first', competitors: ['adamw', 'sgd'] });
  const trials = [0, 1, 2].flatMap((i) => [ending('adamw', i, 0.1 + 0.001 * i), ending('sgd', i, 0.2 + 0.001 * i)]);
  const first = await lab.create(plan, about);
  const held = await lab.hold(first);
  await held.record(trials);
  await held.end('finished', 65);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const second = await lab.create({ ...plan, name: 'second' }, about);
  const failed: Trial = {
    plan: trialPlan('sgd', 'tune', 0),
    outcome: { ...divergedOutcome(trialPlan('sgd', 'tune', 0)), status: 'failed', error: 'no such op: frobnicate' },
  };
  await (await lab.ledger(second)).record([...trials.map(shifted), failed]);
  await (await lab.ledger(second)).started([trialPlan('adamw', 'tune', 0)], 1);
  await lab.close();
  return { where, first, second };
}

const shifted = ({ plan }: Trial): Trial => ({
  plan,
  outcome: finishedOutcome(plan, (plan.competitor === 'sgd' ? 0.2 : 0.05) + 0.001 * plan.index),
});

let shared: Awaited<ReturnType<typeof madeUpLab>>;
beforeAll(async () => {
  shared = await madeUpLab();
});

describe('runs', () => {
  test('lists the races, newest first', async () => {
    const { out, err, code } = await thalweg('runs', '--lab', shared.where);
    expect([code, err]).toEqual([0, '']);
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(/^race +began +status +trials +failed +time +protocol +tasks +competitors$/);
    expect(lines[1]).toMatch(
      new RegExp(`^${shared.second} .* interrupted +7 +1 +0 s +equal-budget +made-up +adamw, sgd$`),
    );
    expect(lines[2]).toMatch(new RegExp(`^${shared.first} .* finished +6 +1 min 05 s `));
    const json = JSON.parse((await thalweg('runs', '--lab', shared.where, '--json')).out) as RaceSummary[];
    expect(json.map(({ id, ended, failed }) => [id, ended, failed])).toEqual([
      [shared.second, 7, 1],
      [shared.first, 6, 0],
    ]);
  });

  test('of a lab that is not there is one line and exit code 2, and makes none', async () => {
    const where = freshPath();
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=thalweg-source', main, 'runs', '--lab', where],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`thalweg: there is no lab at ${where}; a race makes one (thalweg race --lab ${where})\n`);
    expect(existsSync(where)).toBe(false);
  });

  test('of what is no lab ends with 2, of a lab that is damaged with 1', async () => {
    const where = freshPath();
    writeFileSync(where, 'Dear lab,');
    expect(await thalweg('runs', '--lab', where)).toMatchObject({
      code: 2,
      err: expect.stringContaining('it is no SQLite database'),
    });
    const bytes = readFileSync(shared.where);
    writeFileSync(where, bytes.fill(0xff, 100));
    expect(await thalweg('runs', '--lab', where)).toMatchObject({
      code: 1,
      err: expect.stringContaining('the file is damaged'),
    });
  });
});

describe('show', () => {
  test('says what a race is, its table, and who cannot be told apart', async () => {
    const { out, err, code } = await thalweg('show', 'first', '--lab', shared.where);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('finished, 6 trials ended');
    expect(out).toMatch(/protocol +equal-budget\. [A-Z]/);
    expect(out).toContain(`again by    ${about.command}`);
    expect(out).toMatch(/1 +adamw +10\.10% ± 0\.25/);
    expect(out).toContain('adamw has the lowest');
    expect(out).not.toContain('failed');
  });

  test('names what failed, and what was under way', async () => {
    const { out } = await thalweg('show', 'latest', '--lab', shared.where);
    expect(out).toContain('interrupted, 7 trials ended, 1 interrupted');
    expect(out).toContain('1 trial failed:\n  made-up/sgd/tune/0: no such op: frobnicate');
  });

  test('as JSON has the scores and every trial', async () => {
    const { out } = await thalweg('show', 'first', '--lab', shared.where, '--json');
    const result = JSON.parse(out);
    expect(result).toMatchObject({ id: shared.first, status: 'finished', seconds: 65, command: about.command });
    expect(result.trials).toHaveLength(6);
    expect(result.trials[0]).toMatchObject({ id: 'made-up/adamw/final/0', status: 'finished', metric: 0.1 });
    expect(result.tasks[0].rows[0]).toMatchObject({ rank: 1, behindFirst: false });
  });

  test('writes the report again', async () => {
    const file = join(dirname(shared.where), 'report.html');
    const { out } = await thalweg('show', 'first', '--lab', shared.where, '--report', file);
    expect(out).toContain(`report  ${file}`);
    expect(readFileSync(file, 'utf8')).toMatch(/<html[\s\S]*adamw[\s\S]*<\/html>/);
  });

  test('says all of one trial, by a beginning of its id', async () => {
    const { out } = await thalweg('show', 'first', 'made-up/sgd/final/2', '--lab', shared.where);
    for (const part of [/state +finished, 100 steps/, /settings +lr 0\.1/, /seed +3/, /1 attempt/, /target +not met/]) {
      expect(out).toMatch(part);
    }
    expect(out).toMatch(
      /step +seconds +validation loss +error\n +25 .*\n +50 .*\n +75 .*\n +100 +0\.4 +0\.606 +20\.20%/,
    );
    const failed = await thalweg('show', 'latest', 'made-up/sgd/t', '--lab', shared.where);
    expect(failed.out).toMatch(/error +no such op: frobnicate/);
    const running = await thalweg('show', 'latest', 'made-up/adamw/t', '--lab', shared.where);
    expect(running.out).toMatch(/state +not ended/);
    const json = JSON.parse(
      (await thalweg('show', 'first', 'made-up/sgd/final/2', '--lab', shared.where, '--json')).out,
    );
    expect(json.outcome.trainLoss).toEqual([{ step: 1, loss: 2 }]);
  });

  test.each([
    [['show', 'firts'], /there is no race 'firts' in .*; there are second-\S+, first-/],
    [['show', 'first', 'nothing'], /there is no trial 'nothing' of first-/],
    [['show', 'first', 'made-up/adamw/final/0', '--report', 'x.html'], /--report is of a race/],
    [['compare', 'first', 'first'], /first-\S+ is given twice/],
    [['gc', '--races', 'first', '--keep', '1'], /--older and --keep do not go with it/],
    [['gc', '--keep', 'many'], /whole number/],
    [['show'], /missing required argument 'race'/],
  ])('thalweg %j is refused in one line', async (args, message) => {
    const { code, out, err } = await thalweg(...args, '--lab', shared.where);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('compare', () => {
  test('of one race sets its competitors side by side', async () => {
    const { out, err, code } = await thalweg('compare', 'first', '--lab', shared.where);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/made-up +adamw +error +10\.10% ± 0\.25 +reference/);
    expect(out).toMatch(/made-up +sgd +error +20\.10% ± 0\.25 +\+10\.00 ± 0\.00 +worse/);
    expect(out).toContain('Differences against adamw, paired by seed');
  });

  test('of two sets each competitor beside itself', async () => {
    const { out } = await thalweg('compare', 'first', 'second', '--lab', shared.where, '--json');
    const { rows } = JSON.parse(out);
    expect(rows.map(({ race, competitor, verdict }: Record<string, string>) => [race, competitor, verdict])).toEqual([
      [shared.first, 'adamw', 'reference'],
      [shared.second, 'adamw', 'better'],
      [shared.first, 'sgd', 'reference'],
      [shared.second, 'sgd', 'tied'],
    ]);
  });
});

describe('gc', () => {
  const idsOf = async (where: string) => {
    const lab = await openLab(where);
    const races = await lab.races();
    await lab.close();
    return races.map(({ id }) => id);
  };

  test('without a rule deletes no race, only checkpoints that nobody needs', async () => {
    const { where, first, second } = await madeUpLab();
    for (const race of [first, second, 'gone-1234']) {
      mkdirSync(join(`${where}-checkpoints`, race, 'trial'), { recursive: true });
      writeFileSync(join(`${where}-checkpoints`, race, 'trial', 'w.safetensors'), Buffer.alloc(2048));
    }
    const { out, err, code } = await thalweg('gc', '--lab', where, '--yes');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/checkpoints .*first-\S+\ncheckpoints .*gone-1234\ntogether 4 KiB\n/);
    // The second one was interrupted and may go on.
    expect(readdirSync(`${where}-checkpoints`)).toEqual([second]);
    expect(await idsOf(where)).toEqual([second, first]);
  });

  test('says what would go, and deletes it only when told to', async () => {
    const { where, first, second } = await madeUpLab();
    const dry = await thalweg('gc', '--lab', where, '--keep', '1', '--dry-run');
    expect([dry.code, dry.err]).toEqual([0, '']);
    expect(dry.out).toMatch(new RegExp(`^race ${first}: 6 trials, finished\ntogether [\\d.]+ KiB\n$`));
    const asked = await thalweg('gc', '--lab', where, '--keep', '1');
    expect(asked.code).toBe(2);
    expect(asked.err).toContain('nothing was deleted; --yes deletes it');
    expect(await idsOf(where)).toEqual([second, first]);
    expect((await thalweg('gc', '--lab', where, '--keep', '0', '--older', '1', '--yes')).out).toContain(
      'nothing to delete',
    );
    const done = await thalweg('gc', '--lab', where, '--keep', '1', '--yes');
    expect([done.code, done.err]).toEqual([0, '']);
    expect(done.out).toMatch(/lab\.sqlite: [\d.]+ KiB, now [\d.]+ KiB\n$/);
    expect(await idsOf(where)).toEqual([second]);
  });

  test('never deletes a race that runs', async () => {
    const { where, first, second } = await madeUpLab();
    const child = await labProcess('hold', where, second);
    const named = await thalweg('gc', '--lab', where, '--races', 'second', '--yes');
    expect(named.code).toBe(2);
    expect(named.err).toMatch(new RegExp(`${second} is run by \\S+:${child.pid}; end it first`));
    await thalweg('gc', '--lab', where, '--keep', '0', '--yes');
    expect(await idsOf(where)).toEqual([second]);
    await kill(child);
    await thalweg('gc', '--lab', where, '--races', 'second,', '--yes');
    expect(await idsOf(where)).toEqual([]);
    expect(first).not.toBe(second);
  });
});
