import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openLab } from '#lab/store/open';
import { exitCodeOf } from './run.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const examples = fileURLToPath(new URL('../../examples/races/', import.meta.url));

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
/** A working folder of one's own: labs and reports go there. */
function folder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'thalweg-cli-')));
  return folders[folders.length - 1];
}
const anywhere = folder();

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function thalweg(
  args: readonly string[],
  cwd = anywhere,
  onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=thalweg-source', main, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', THALWEG_LAB: '' },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
      for (const line of chunk.split('\n')) onLine(line, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

const tiny = ['--task', 'rosenbrock', '--optimizers', 'sgd[momentum=0.9],adam', '--trials', '2', '--seeds', '2'];
/** The same in this process: what only prints, or is refused at once, needs none of its own. */
async function inProcess(args: readonly string[]): Promise<Ended> {
  let [out, err] = ['', ''];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    const code = await exitCodeOf(args);
    return { code, out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

const all = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe('help', () => {
  test.each([
    [[]],
    [['--help']],
    [['race', '--help']],
    [['resume', '--help']],
    [['methods', '--help']],
    [['explain', '-h']],
    [['tasks', '-h']],
  ])('thalweg %j shows usage and examples', async (args) => {
    const { code, out, err } = await inProcess(args);
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toContain('Usage: thalweg');
    expect(out).toContain('Examples:');
  });
});

describe('an unknown name is one line, with the nearest known one, and exit code 2', () => {
  test.each([
    [['rcae'], "did you mean 'race'?"],
    [['race', '--task', 'mnist-mpl'], "did you mean 'mnist-mlp'?"],
    [['race', '--optimizers', 'sgd,adamww'], "did you mean 'adamw'?"],
    [['race', '--optimizers', 'smm(sgd)'], "did you mean 'sam'?"],
    [['race', '--engine', 'onx'], "Did you mean 'onnx'?"],
    [['race', '--trails', '3'], 'Did you mean --trials?'],
    [['race', '--trials', 'many'], 'whole number'],
    [['race', '--optimizers', 'sgd[momentum=2]'], 'must lie in [0, 1)'],
    [['race', '--protocol', 'time-to-traget'], "did you mean 'time-to-target'?"],
    [['race', '--tuner', 'hyperbnad'], "did you mean 'hyperband'?"],
    [['race', '--tuner', 'hyperband[eat=3]'], "did you mean 'eta'?"],
    [['race', '--tuner', 'hyperband[eta=1]'], 'protocol.tuner.eta is 1; it must be at least 2'],
    [['race', '--tuner', 'hyperband', '--trials', '3'], '--trials says nothing to the tuner hyperband'],
    [
      ['race', '--protocol', 'one-for-all', '--tune-steps', '3'],
      '--tune-steps says nothing to the protocol one-for-all',
    ],
    [['race', '--protocol', 'one-for-all', '--tuner', 'tpe'], '--tuner says nothing to the protocol one-for-all'],
    [['race', '--memory-limit', 'much'], 'It must be an amount of memory'],
    [['race', '--jobs', '0'], 'it goes with --queue'],
    [['race', '--queue', 'here'], "--queue is 'here'; it must be the postgres:// address"],
    [['race', '--queue', 'postgres://a/b', '--lab', 'c.sqlite'], 'leave --lab out'],
    [['race', '--report', '.'], 'is a folder; name a file'],
    [['race', 'mnist-mlp'], "'mnist-mlp' is a task, not a race file; write --task mnist-mlp"],
    [['race', 'nowhere.json'], 'nowhere.json: there is no such file'],
    [['resume', '--lab', '/nowhere/lab.sqlite'], 'there is no lab'],
    [['explain', 'moun'], "did you mean 'muon'?"],
  ])('thalweg %j', async (args, hint) => {
    const { code, out, err } = await inProcess(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(hint);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^thalweg: /);
  });

  test('the process ends with it; --debug adds the stack', async () => {
    const plain = await thalweg(['race', '--task', 'nothing']);
    expect([plain.code, plain.out]).toEqual([2, '']);
    expect(plain.err).toMatch(/^thalweg: there is no task 'nothing'; .*\n$/);
    const { code, err } = await thalweg(['race', '--task', 'nothing', '--debug']);
    expect(code).toBe(2);
    expect(err).toMatch(/\n {4}at /);
  });
});

test('tasks and methods list what there is, as JSON too', async () => {
  const [tasks, methods] = [await inProcess(['tasks', '--json']), await inProcess(['methods', '--json'])];
  const ids = (text: string) => (JSON.parse(text) as { id: string }[]).map(({ id }) => id);
  expect(ids(tasks.out)).toContain('mnist-mlp');
  expect(ids(methods.out)).toContain('muon');
  const entries = JSON.parse(methods.out) as {
    id: string;
    cost?: { calls: { gradient: number }; stateBytesPerParameter: number };
  }[];
  const costs = Object.fromEntries(entries.map(({ id, cost }) => [id, cost]));
  expect(costs.adamw).toMatchObject({ calls: { gradient: 1, hessianVector: 0 }, stateBytesPerParameter: 8 });
  expect(costs.adahessian).toMatchObject({ calls: { gradient: 1, hessianVector: 1 } });
  expect(costs.sgdol).toMatchObject({ calls: { gradient: 2 } });
  expect(costs.spsa).toMatchObject({ calls: { gradient: 0, loss: 2 } });
});

test('explain shows source, docstring, ranges, measured costs and use', async () => {
  const { code, out } = await inProcess(['explain', 'sam(adamw)']);
  expect(code).toBe(0);
  for (const part of [
    'arXiv:2010.01412',
    'arXiv:1711.05101',
    'weightDecay',
    'rho',
    '2 grad',
    "getOptimizer('sam(adamw)')",
  ]) {
    expect(out).toContain(part);
  }
  const adamw = (await inProcess(['explain', 'adamw'])).out;
  for (const part of [
    'Two couplings of the decay',
    'When to use it',
    '8 bytes per parameter',
    'Relatives',
    'nadamw:',
  ]) {
    expect(adamw).toContain(part);
  }
  expect(adamw).toContain("theirs: coupling: 'original'");
});

/** How every trial of the only race of a lab ended, without times. */
async function resultsIn(cwd: string): Promise<unknown[]> {
  const lab = await openLab(join(cwd, 'lab.sqlite'), { create: false });
  const [race] = await lab.races();
  expect(race.status).toBe('finished');
  const trials = await lab.summaries(race.id);
  await lab.close();
  return trials.map(({ id, values, status, steps, loss, test }) => ({ id, values, status, steps, loss, test }));
}

describe('a race', () => {
  test('without a terminal prints the table and where report and lab are, and on standard error a line per trial', async () => {
    const cwd = folder();
    const { code, out, err } = await thalweg(['race', ...tiny, '--steps', '40', '--jobs', '1'], cwd);
    expect(code).toBe(0);
    expect(all(err, /^\[.*\] (sgd\[momentum=0.9\]|adam) (tune|final) \d\/4: /gm)).toBe(8);
    for (const part of ['rank', 'best hyperparameters', 'speed-up', 'lab     lab.sqlite, race rosenbrock-']) {
      expect(out).toContain(part);
      expect(err).not.toContain(part);
    }
    // The result alone, from its first line.
    expect(out).toMatch(/^rank/);
    expect(out).not.toMatch(/(tune|final) \d\/4/);
    const [, file] = /^report {2}(.*)$/m.exec(out) ?? [];
    const report = readFileSync(join(cwd, file), 'utf8');
    expect(report).toContain('npx thalweg race');
    expect(report).toContain('--steps 40');
    expect(readdirSync(cwd).sort()).toEqual(expect.arrayContaining(['lab.sqlite', 'reports']));
    const lab = await openLab(join(cwd, 'lab.sqlite'), { create: false });
    const [race] = await lab.races();
    expect(race).toMatchObject({ status: 'finished', ended: 8, failed: 0 });
    await lab.close();

    const done = await thalweg(['resume'], cwd);
    expect(done.code).toBe(2);
    expect(done.err).toContain(`no race in lab.sqlite was interrupted; there are ${race.id} (rosenbrock, finished)`);
    const unknown = await thalweg(['resume', 'nothing'], cwd);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain(race.id);
  });

  test('stopped by Ctrl-C says how to go on, exits with 130, and ends after `resume` as if it had not been stopped', async () => {
    const [cwd, other] = [folder(), folder()];
    const args = ['race', ...tiny, '--steps', '150000', '--tune-steps', '500', '--jobs', '1', '--engine', 'wasm'];
    let asked = false;
    const stopped = await thalweg(args, cwd, (line, kill) => {
      if (asked || !line.includes('tune 2/4')) return;
      asked = true;
      kill('SIGINT');
    });
    expect(asked).toBe(true);
    expect(stopped.code).toBe(130);
    expect(stopped.err).toContain('what is done is kept');
    expect(stopped.out).toContain('Interrupted: only what had finished.');
    const [, id] = /npx thalweg resume (\S+)$/m.exec(stopped.out) ?? [];
    expect(stopped.out).toContain(`race ${id}`);
    const [, report] = /^report {2}(.*)$/m.exec(stopped.out) ?? [];
    expect(readFileSync(join(cwd, report), 'utf8').toLowerCase()).toContain('interrupted');

    const resumed = await thalweg(['resume', '--jobs', '1'], cwd);
    expect(resumed.code).toBe(0);
    expect(resumed.err).toMatch(/: sgd\[momentum=0.9\], adam; 8 trials, .*of them ended before/);
    expect(resumed.out).toContain(`race ${id}`);
    await thalweg([...args, '--quiet'], other);
    // Times differ, and nothing else does.
    const [mine, undisturbed] = await Promise.all([cwd, other].map(resultsIn));
    expect(mine).toHaveLength(8);
    expect(mine).toEqual(undisturbed);
  });
});

describe('a race file', () => {
  const small = { protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 2 } }, seeds: 2 };

  test('is raced as it says, under the flags that may stand beside it; --json prints an object for each event, the result last', async () => {
    const cwd = folder();
    const race = {
      name: 'two of them',
      tasks: ['rosenbrock', { task: 'beale', steps: 30 }],
      competitors: ['sgd', 'adam'],
    };
    writeFileSync(join(cwd, 'race.json'), JSON.stringify({ ...race, ...small }));
    const flags = ['--seed', '3', '--seeds', '1', '--json', '--jobs', '1', '--lab', 'l.sqlite', '--report', 'r.html'];
    const { code, out, err } = await thalweg(['race', 'race.json', ...flags], cwd);
    expect([code, err]).toEqual([0, '']);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: 'prepared', size: { trials: 12 }, ended: [] });
    expect(events[0].plan).toMatchObject({ name: 'two of them', seed: 3, finalSeeds: [3001] });
    const ended = events.filter(({ type }) => type === 'ended');
    expect(new Set(ended.map(({ id }) => id)).size).toBe(12);
    const sound = ended.find(({ status }) => status === 'finished');
    expect(sound).toMatchObject({ phase: expect.any(String), metric: expect.any(Number), loss: expect.any(Number) });
    expect(events.filter(({ type }) => type === 'chosen')).toHaveLength(4);
    const result = events[events.length - 1];
    expect(result).toMatchObject({
      type: 'result',
      status: 'finished',
      trials: 12,
      lab: 'l.sqlite',
      report: 'r.html',
      command: 'npx thalweg race race.json --seed 3 --seeds 1',
    });
    expect(result.tasks.map(({ rows }: { rows: unknown[] }) => rows.length)).toEqual([2, 2]);
    expect(typeof result.headline).toBe('string');
    expect(existsSync(join(cwd, 'r.html'))).toBe(true);
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });

  test('may be a module with its own tasks and optimizers, which worker processes load; --quiet prints the table only', async () => {
    const args = ['race', join(examples, 'own-task.ts'), '--seeds', '1', '--jobs', '2', '--quiet'];
    const { code, out, err } = await thalweg(args, folder());
    expect([code, err]).toEqual([0, '']);
    expect(out).not.toMatch(/tune \d/);
    expect(out.trimStart()).toMatch(/^rank/);
    for (const label of ['adamw', 'normalized-momentum', 'cautious(normalized-momentum)', 'slow']) {
      expect(out).toContain(label);
    }
  });

  test.each([
    [
      { competitors: ['sgd', { label: 'b', optimizer: 'sgd', fixed: { momentum: 1.3 } }] },
      [],
      'race.json: competitors[1].fixed.momentum is 1.3; it must lie in [0, 1)',
    ],
    [{ competitors: ['sgd'], taks: [] }, [], "race.json: a race has no field 'taks'; did you mean 'tasks'?"],
    [
      { competitors: ['sgd'], protocol: { kind: 'equal-budget', tuneSteps: 10_000 } },
      [],
      'race.json: protocol.tuneSteps is 10000',
    ],
    [
      { competitors: ['sgd'] },
      ['--trials', '3'],
      '--trials cannot be given with a race file: say it in race.json; beside it go --seeds, --seed, --engine',
    ],
    [{ competitors: ['sgd'] }, ['--quick'], '--quick cannot be given with a race file'],
  ])('%j %j is refused in one line', async (race, flags, message) => {
    const cwd = folder();
    const file = join(cwd, 'race.json');
    writeFileSync(file, JSON.stringify({ tasks: ['rosenbrock'], ...race }));
    const { code, out, err } = await inProcess(['race', file, ...flags, '--lab', join(cwd, 'lab.sqlite')]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message.replaceAll('race.json', file));
    expect(err.trim().split('\n')).toHaveLength(1);
    // Nothing was begun.
    expect(readdirSync(cwd)).toEqual(['race.json']);
  });
});
