import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLab } from '#lab/store/open';
import { begin, type Calm, undisturbed } from './chaos/attack.ts';
import type { ChildOptions } from './chaos/child.ts';
import { newest } from './chaos/damage.ts';
import { limitedDisk } from './chaos/disk.ts';
import { until } from './chaos/processes.ts';
import type { RaceName } from './chaos/races.ts';
import { Run } from './chaos/run.ts';

// What a race promises when things go wrong, one by one; chaos.test.ts has them all at once.

let calm: Calm;
let folder: string;
let lab: string;
const runs: Run[] = [];
beforeAll(async () => {
  const place = mkdtempSync(join(tmpdir(), 'thalweg-calm-'));
  calm = await undisturbed('small', place);
  rmSync(place, { recursive: true, force: true });
}, 300_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-faults-'));
  lab = join(folder, 'lab.sqlite');
});
afterEach(async () => {
  for (const run of runs.splice(0)) {
    if (run.groupLives) run.signal('SIGKILL', 'group');
    await run.ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

async function start(race: string, options: Partial<ChildOptions> = {}): Promise<Run> {
  const given = { lab, race, jobs: 2, checkpointSeconds: 10, hangSeconds: calm.hangSeconds, ...options };
  const run = new Run(given, { THALWEG_CHAOS_FOLDER: folder });
  runs.push(run);
  return run;
}
const raceOf = (name: RaceName): Promise<string> => begin(name, lab);
const saysProgress = (run: Run) => () => run.isGone || run.last('progress') !== undefined;

test('trials that crash, leak and hang: who goes on failing is recorded with the reason, and the race goes on', async () => {
  const race = await raceOf('bad');
  const run = await start(race, { memoryLimit: 700 * 2 ** 20 });
  await run.ended;
  expect(run.last('result')?.status, run.stderr).toBe('finished');
  const opened = await openLab(lab);
  const trials = await opened.trials(race);
  await opened.close();
  const said = Object.fromEntries(trials.map(({ plan, outcome }) => [plan.id, outcome.error ?? outcome.status]));
  expect(said).toEqual({
    'slow-line/adamw/tune/0': 'finished',
    'slow-line/adamw/final/0': 'finished',
    'hanging-once/adamw/tune/0': 'finished',
    'hanging-once/adamw/final/0': 'finished',
    'crashing/adamw/tune/0': expect.stringMatching(/^its process died 3 times near step \d+ \(SIGABRT\)$/),
    'leaking/adamw/tune/0': expect.stringMatching(/^its process was stopped 3 times near step \d+ \(.* GiB of memory/),
  });
  const lost = run.said.flatMap((one) => (one.type === 'lost' && /hung/.test(one.why ?? '') ? [one.trial] : []));
  expect(new Set(lost)).toEqual(new Set(['hanging-once/adamw/tune/0']));
}, 300_000);

describe('a race whose parent is killed', () => {
  test('leaves no process behind, not even one that hangs, and is resumed at once', async () => {
    const race = await raceOf('endless');
    const first = await start(race, { hangSeconds: 600 });
    const workers = () => first.workers.length > 0 && first.last('started') !== undefined;
    expect(await until(workers, 30)).toBe(true);
    // It hangs by now, or soon.
    await until(saysProgress(first), 5);
    const second = await start(race);
    await second.ended;
    expect(second.last('error')?.message).toMatch(/is run by process/);
    first.signal('SIGKILL', 'itself');
    const third = await start(race, { hangSeconds: 600 });
    expect(await until(() => third.isGone || third.last('started') !== undefined, 30)).toBe(true);
    expect(third.last('error')).toBeUndefined();
    expect(await until(() => !first.groupLives, 30)).toBe(true);
  }, 300_000);
});

test('trials that run as one program go on from their common checkpoint', async () => {
  const race = await raceOf('together');
  const root = join(`${lab}-checkpoints`, race);
  const stepsKept = () => {
    const [name] = existsSync(root) ? readdirSync(root) : [];
    return name === undefined ? 0 : (newest(join(root, name)) ?? 0);
  };
  const first = await start(race, { jobs: 1, checkpointSeconds: 0.05 });
  expect(await until(() => first.isGone || stepsKept() > 0, 60)).toBe(true);
  first.signal('SIGKILL', 'group');
  await first.ended;
  const kept = stepsKept();
  expect(kept).toBeGreaterThan(0);
  const second = await start(race, { jobs: 1 });
  await until(saysProgress(second), 60);
  const goesOn = second.said.flatMap((said) => (said.type === 'progress' ? [said.step] : []));
  expect(goesOn[0]).toBeGreaterThan(kept);
}, 300_000);

test.runIf(process.platform === 'linux')(
  'a race that may not write any more stops with the reason, and goes on when it may',
  async () => {
    const race = await raceOf('small');
    const first = await start(race, { checkpointSeconds: 0.05 });
    await until(saysProgress(first), 30);
    limitedDisk.fill(first.pid);
    await first.ended;
    expect(first.last('error')?.message).toMatch(/cannot (write|end)/);
    const second = await start(race);
    await second.ended;
    expect(second.last('result')?.numbers).toEqual(calm.numbers);
  },
  300_000,
);
