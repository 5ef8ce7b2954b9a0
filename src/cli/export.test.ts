import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openLab } from '#lab/store/open';
import { about, freshPath } from '../testing/labs.ts';
import { madeUpPlan, madeUpTrials } from '../testing/race.ts';
import { UsageError } from './errors.ts';
import { addExport } from './export-options.ts';

const path = freshPath();
const folder = dirname(path);
let race: string;

beforeAll(async () => {
  const plan = madeUpPlan({ name: 'told', competitors: ['adamw'] });
  const lab = await openLab(path);
  race = await lab.create(plan, about);
  await (await lab.ledger(race)).record(madeUpTrials(plan));
  await lab.close();
});

afterEach(() => vi.restoreAllMocks());

/** Runs `thalweg export` in this process; what it printed. */
async function exported(...args: readonly string[]): Promise<string> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addExport(program).copyInheritedSettings(program);
  await program.parseAsync(['export', ...args, '--lab', path], { from: 'user' });
  return out;
}

describe('thalweg export', () => {
  test('writes tables and says where they are', async () => {
    const out = join(folder, 'tables');
    expect(await exported('latest', '--out', out)).toBe(`6 trials of ${race}: ${out}/trials.csv, ${out}/curves.csv\n`);
    expect(readdirSync(out).sort()).toEqual(['curves.csv', 'trials.csv']);
    expect(readFileSync(join(out, 'trials.csv'), 'utf8').split('\r\n')).toHaveLength(1 + 6 + 1);
  });

  test('writes the table of trials alone without the curves', async () => {
    const out = join(folder, 'trials-alone');
    expect(await exported('latest', '--no-curves', '--out', out)).toBe(`6 trials of ${race}: ${out}/trials.csv\n`);
    expect(readdirSync(out)).toEqual(['trials.csv']);
  });

  test('says how TensorBoard opens its event files', async () => {
    const out = join(folder, 'events');
    expect(await exported('told', '--format', 'tensorboard', '--out', out)).toContain(`tensorboard --logdir ${out}`);
    expect(readdirSync(out)).toEqual(['made-up']);
  });

  test('refuses to overwrite without --yes, and knows its formats', async () => {
    const out = join(folder, 'once.json');
    await exported('latest', '--format', 'json', '--out', out);
    await expect(exported('latest', '--format', 'json', '--out', out)).rejects.toThrow(UsageError);
    await exported('latest', '--format', 'json', '--out', out, '--yes');
    await expect(exported('latest', '--format', 'xlsx')).rejects.toThrow(/csv, parquet, tensorboard, json/);
    await expect(exported('nobody', '--out', join(folder, 'none'))).rejects.toThrow(/there is no race 'nobody'/);
  });
});
