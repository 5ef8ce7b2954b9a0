import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readTrials, reportFile, trialsFile } from '../lab/store.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function thalweg(
  args: readonly string[],
  onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=thalweg-source', main, ...args], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      for (const line of chunk.split('\n')) onLine(line, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

const folder = () => join(mkdtempSync(join(tmpdir(), 'thalweg-cli-')), 'race');
const tiny = [
  'race',
  '--task',
  'rosenbrock',
  '--optimizers',
  'sgd[momentum=0.9],adam',
  '--trials',
  '2',
  '--seeds',
  '2',
];

describe('help', () => {
  test.each([
    [[]],
    [['--help']],
    [['race', '--help']],
    [['methods', '--help']],
    [['explain', '-h']],
    [['tasks', '-h']],
  ])('thalweg %j shows usage and examples', async (args) => {
    const { code, out, err } = await thalweg(args);
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
    [['explain', 'moun'], "did you mean 'muon'?"],
  ])('thalweg %j', async (args, hint) => {
    const { code, out, err } = await thalweg(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(hint);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^thalweg: /);
  });

  test('--debug adds the stack', async () => {
    const { code, err } = await thalweg(['race', '--task', 'nothing', '--debug']);
    expect(code).toBe(2);
    expect(err).toMatch(/\n {4}at /);
  });
});

test('tasks and methods list what there is, as JSON too', async () => {
  const [tasks, methods] = await Promise.all([thalweg(['tasks', '--json']), thalweg(['methods', '--json'])]);
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
}, 120_000);

test('explain shows source, docstring, ranges, measured costs and use', async () => {
  const { code, out } = await thalweg(['explain', 'sam(adamw)']);
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
  const adamw = (await thalweg(['explain', 'adamw'])).out;
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

describe('a race', () => {
  test('without a terminal prints a line per trial, the table, and where the files are', async () => {
    const out = folder();
    const { code, out: text, err } = await thalweg([...tiny, '--steps', '40', '--out', out]);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(text.match(/^\[.*\] (sgd\[momentum=0.9\]|adam) (tune|final) \d/gm)).toHaveLength(8);
    for (const part of ['rank', 'best hyperparameters', 'speed-up', join(out, reportFile), join(out, trialsFile)]) {
      expect(text).toContain(part);
    }
    expect(readdirSync(out).sort()).toEqual([reportFile, trialsFile]);
    expect(readTrials(join(out, trialsFile)).trials).toHaveLength(8);
    expect(readFileSync(join(out, reportFile), 'utf8')).toContain('--steps 40');

    const again = await thalweg([...tiny, '--steps', '40', '--out', out]);
    expect(again.code).toBe(2);
    expect(again.err).toContain('--yes overwrites it');
  }, 60_000);

  test('stopped by Ctrl-C keeps its finished trials, writes the report, and exits with 130', async () => {
    const out = folder();
    let asked = false;
    const { code, out: text } = await thalweg(
      [...tiny, '--steps', '200000', '--tune-steps', '200', '--out', out],
      (line, kill) => {
        if (asked || !line.includes('tune 2/2')) return;
        asked = true;
        kill('SIGINT');
      },
    );
    expect(asked).toBe(true);
    expect(code).toBe(130);
    expect(text).toContain('finished trials are kept');
    const { trials, ended } = readTrials(join(out, trialsFile));
    expect(ended).toBe(true);
    expect(trials.length).toBeGreaterThanOrEqual(2);
    expect(readFileSync(join(out, reportFile), 'utf8')).toContain('Interrupted.');
  }, 60_000);
});
