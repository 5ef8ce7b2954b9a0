import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../src/cli/program.ts';
import { type RaceFlags, specOf } from '../src/cli/spec-from-flags.ts';
import { planRace } from '../src/lab/plan-race.ts';
import { protocols } from '../src/lab/protocols/index.ts';
import { race } from '../src/lab/race.ts';
import { readRaceFile } from '../src/lab/race-file.ts';
import type { RaceSpec } from '../src/lab/race-spec.ts';
import { tuners } from '../src/lab/tuners/index.ts';

// What docs/races.md shows is run: its files and programs as they are, but for smaller budgets; its command lines as far as their races.

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const docs = await text('docs/races.md');
const blocks = (kind: string, markdown = docs): string[] =>
  [...markdown.matchAll(new RegExp(`\`\`\`${kind}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(root, 'tests', '.races-')); // inside the package, so that 'thalweg' resolves
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, code: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, code);
  return path;
}

/** The same race in a moment. */
const small = (spec: RaceSpec, steps = 4): RaceSpec => ({
  ...spec,
  seeds: 1,
  tasks: spec.tasks.map((task) => {
    const options = typeof task === 'object' && 'task' in task ? task : { task };
    return { ...options, steps, evaluations: 1 };
  }),
});

describe('docs/races.md', () => {
  it('shows a race in JSON', async () => {
    const spec = await readRaceFile(await file('race.json', blocks('json')[0]));
    const { plan } = await planRace(spec);
    expect(plan.tasks.map(({ label }) => label)).toEqual(['logistic-mnist', 'mlp, long']);
    expect(plan.competitors[2]).toMatchObject({
      label: 'adam, narrow',
      fixed: { beta2: 0.95 },
      space: { lr: { low: 0.0003 } },
    });
    const { status, trials } = await race({ ...small(spec), jobs: 1 });
    expect(status).toBe('finished');
    expect(trials).toHaveLength(2 * 3 * (12 + 1));
  });

  it('shows a race in TypeScript, with a task and optimizers of its own', async () => {
    const spec = await readRaceFile(await file('race.ts', blocks('ts')[0]));
    const { status, trials, tasks } = await race({ ...small(spec), jobs: 1 });
    expect(status).toBe('finished');
    expect(trials).toHaveLength(2 * 3 * (6 + 1));
    expect(tasks.map(({ task }) => task.label)).toEqual(['parabola', 'small perceptron']);
    expect(trials.every(({ outcome }) => outcome.status === 'finished')).toBe(true);
  });

  it('shows a race in a program', async () => {
    const program = await file('program.ts', blocks('ts')[1]);
    const { stdout } = await run(process.execPath, ['--conditions=thalweg-source', program], { cwd: folder });
    expect(stdout).toMatch(/adam.*\d/);
    expect(await readFile(join(folder, 'lab.sqlite'))).not.toHaveLength(0);
  });

  it('shows statistics of differences', async () => {
    const program = await file('statistics.ts', blocks('ts')[2]);
    const { stdout } = await run(process.execPath, ['--conditions=thalweg-source', program], { cwd: folder });
    const [, mean] = /mean: (-[\d.]+)/.exec(stdout) ?? [];
    expect(Number(mean)).toBeCloseTo(-1.38 / 7, 12);
    // One of seven has the other sign: 2 (1 + 7) / 2^7.
    expect(stdout).toMatch(/^0\.0\d+ 0\.03125 0\.125$/m);
    expect(stdout).toMatch(/low: -0\.\d+, high: -0\.\d+/);
  });
});

it('examples/races/quick.json runs', async () => {
  const spec = await readRaceFile(join(root, 'examples', 'races', 'quick.json'));
  const { status, plan, tasks, across } = await race({ ...small(spec, 54), jobs: 1 });
  expect(status).toBe('finished');
  expect(plan.competitors.map(({ label }) => label)).toEqual(['adam', 'momentum', 'sam(sgd)']);
  expect(tasks.map(({ rows }) => rows.length)).toEqual([3, 3]);
  expect(across?.rows).toHaveLength(3);
});

/** The words of a shell's command line, as the shell reads them. */
async function words(line: string): Promise<string[]> {
  const { stdout } = await run('sh', [
    '-c',
    `for word in ${line.replace(/#.*$/, '')}; do printf '%s\\n' "$word"; done`,
  ]);
  return stdout.trimEnd().split('\n');
}

it.each(['docs/races.md', 'docs/lab.md', 'docs/protocols.md', 'README.md'])(
  'every command line in %s is one, and its race can be planned',
  async (page) => {
    const lines = blocks('sh', await text(page)).flatMap((block) => block.split('\n'));
    const commands = lines.filter((line) => line.startsWith('npx thalweg ') && !line.includes('.json'));
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) {
      const specs: RaceSpec[] = [];
      const program = createProgram();
      for (const one of program.commands) one.action(() => {});
      const racing = program.commands.find((one) => one.name() === 'race');
      racing?.action((_, flags: RaceFlags) => {
        specs.push(specOf(flags));
      });
      await program.parseAsync((await words(command)).slice(2), { from: 'user' });
      for (const spec of specs) expect((await planRace(spec)).plan.competitors.length).toBeGreaterThan(1);
    }
  },
);

it('docs/lab.md shows what the commands print', async () => {
  const page = await text('docs/lab.md');
  const cwd = await mkdtemp(join(folder, 'lab-'));
  const main = join(root, 'src', 'cli', 'main.ts');
  /** Without what differs from one run to the next: ids, clocks, sizes, and how wide they make a table. */
  const lasting = (output: string): string =>
    output
      .replaceAll(/noisy-quadratic-[0-9a-f]{4}/g, 'ID')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'CLOCK')
      .replaceAll(/\b\d+ s\b|[\d.]+ KiB/g, 'SOME')
      .replaceAll(/ +/g, ' ')
      .trim();
  // The blocks of commands without those that name races that are not there, or write files; and the output after some of them.
  const shown = [
    ...page.matchAll(/```sh\n(npx thalweg (?:race|runs|compare latest|gc)[^\n]*)\n```\n+(?:```text\n(.*?)```)?/gs),
  ];
  expect(shown.map(([, command]) => command.split(' ')[2])).toEqual(['race', 'runs', 'race', 'compare', 'gc']);
  for (const [, command, expected] of shown) {
    const args = (await words(command)).slice(2);
    const { stdout, stderr } = await run(process.execPath, ['--conditions=thalweg-source', main, ...args], { cwd });
    if (expected === undefined) continue;
    const found = args[0] === 'race' ? stderr.split('\n')[0] : stdout;
    expect(lasting(found)).toBe(lasting(expected));
  }
});

it('docs/protocols.md has every protocol and every tuner', async () => {
  const page = await text('docs/protocols.md');
  for (const { kind } of [...protocols, ...tuners]) expect(page).toContain(`### ${kind}\n`);
});
