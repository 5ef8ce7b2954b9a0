import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { protocols, tuners } from '../src/lab/index.ts';
import { getOptimizer, methods, schedules, wrappers } from '../src/optim/index.ts';

// What the README shows is run as a reader would run it: each TypeScript block is a file of its own.

const root = join(import.meta.dirname, '..');
const readme = await readFile(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(root, 'tests', '.readme-')); // inside the package, so that 'thalweg' resolves
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function output(code: string): Promise<string> {
  const file = join(folder, `block-${blocks.indexOf(code)}.ts`);
  await writeFile(file, code);
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=thalweg-source', file]);
  return stdout;
}

describe('the README', () => {
  it('trains a model of the reader’s own', async () => {
    const found = await output(blocks[0]);
    expect(found).toMatch(/step: 1000/);
    const error = /error: ([\d.e-]+)/.exec(found);
    expect(Number(error?.[1])).toBeLessThan(0.05);
    expect(found).toMatch(/Float64Array\(2\) \[/);
    expect(found.match(/lr: [\d.]+, loss: [\d.]+/g)).toHaveLength(3);
  });

  it('defines an optimizer that can be configured', async () => {
    const use = 'console.log(JSON.stringify(normalizedMomentum({ lr: 0.5 }).values));';
    expect(await output(`${blocks[1]}\n${use}`)).toContain('{"lr":0.5,"beta":0.9}');
  });

  it('computes the derivatives that it says', async () => {
    const said = /\/\/ (\[\[.*\]\])/.exec(blocks[2]);
    const numbers = (text: string): number[] => (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
    const found = numbers(await output(blocks[2]));
    numbers(said?.[1] ?? '').forEach((expected, i) => {
      expect(found[i]).toBeCloseTo(expected, 4);
    });
    expect(found).toHaveLength(6);
  });

  it('counts what the registry has, and composes what it says', () => {
    expect(readme).toContain(
      `${methods.length} of them, with ${wrappers.length} wrappers and ${schedules.length} schedules`,
    );
    expect(readme).toContain(`${protocols.length} [protocols](docs/protocols.md)`);
    expect(readme).toContain(`${tuners.length} tuners choose settings`);
    const [, composed] = /schedule and any wrapper, `([^`]+)`/.exec(readme) ?? [];
    expect(getOptimizer(composed).id).toBe(composed);
  });

  it('names only commands and files that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
    for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name]);
    for (const [, path] of readme.matchAll(/\]\(((?!http)[^)]+)\)/g)) {
      await expect(readFile(join(root, path)).catch((error: { code: string }) => error.code)).resolves.not.toBe(
        'ENOENT',
      );
    }
  });
});
