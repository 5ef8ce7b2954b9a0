import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { about, freshPath } from '../../../testing/labs.ts';
import { competitorPlan, divergedOutcome, madeUpPlan, madeUpTrials } from '../../../testing/race.ts';
import type { Trial } from '../../plan.ts';
import type { Lab, TrialRecord } from '../lab.ts';
import { openLab } from '../open.ts';
import { exportFormats, exportRace } from './export.ts';
import { ExportError } from './publish.ts';

const plan = madeUpPlan({
  name: 'exported',
  tasks: ['a', 'b, "quoted"'],
  competitors: ['adamw', competitorPlan('sgd[momentum=0.9]: *')],
});

const trials = madeUpTrials(plan).map(
  (trial): Trial =>
    trial.plan.index === 2 && trial.plan.phase === 'tune' ? { ...trial, outcome: divergedOutcome(trial.plan) } : trial,
);

let lab: Lab;
let race: string;
let folder: string;

beforeAll(async () => {
  const path = freshPath();
  folder = dirname(path);
  lab = await openLab(path);
  race = await lab.create(plan, about);
  const ledger = await lab.ledger(race);
  await ledger.record(trials);
  await ledger.started([{ ...trials[0].plan, id: 'a/adamw/tune/9', index: 9 }], 1);
});

afterAll(() => lab.close());

const points = trials.reduce(
  (sum, { outcome }) => sum + outcome.trainLoss.length + 2 * outcome.validation.length + (outcome.test ? 2 : 0),
  0,
);

const csvLines = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).split('\r\n').slice(0, -1);

describe('an export', () => {
  it('to CSV has a row for each trial and for each point of a curve', async () => {
    const out = join(folder, 'as-csv');
    expect((await exportRace(lab, race, { format: 'csv', out })).trials).toBe(trials.length + 1);
    const [head, ...rows] = await csvLines(join(out, 'trials.csv'));
    expect(head.split(',').slice(0, 8)).toEqual([
      'race',
      'trial',
      'task',
      'competitor',
      'phase',
      'index',
      'seed',
      'value.lr',
    ]);
    expect(rows).toHaveLength(trials.length + 1);
    const first = trials.find(({ plan: { id } }) => id === 'a/adamw/tune/0');
    expect(rows.find((row) => row.includes('a/adamw/tune/0'))).toContain(`,${first?.plan.values.lr},ended,finished,`);
    expect(rows.find((row) => row.includes('a/adamw/tune/9'))).toContain(',running,,1,');
    expect(rows.some((row) => row.includes('"b, ""quoted"""'))).toBe(true);
    expect(await csvLines(join(out, 'curves.csv'))).toHaveLength(1 + points);
  });

  it('to Parquet has the same numbers', async () => {
    const out = join(folder, 'as-parquet');
    await exportRace(lab, race, { format: 'parquet', out });
    const read = async (name: string) => parquetReadObjects({ file: await asyncBufferFromFile(join(out, name)) });
    const rows = await read('trials.parquet');
    expect(rows).toHaveLength(trials.length + 1);
    for (const { plan: own, outcome } of trials) {
      const row = rows.find(({ trial }) => trial === own.id);
      expect(row).toMatchObject({
        race,
        task: own.task,
        competitor: own.competitor,
        seed: BigInt(own.seed),
        'value.lr': own.values.lr,
        status: outcome.status,
        validation_loss: outcome.status === 'finished' ? (outcome.validation.at(-1)?.loss ?? null) : null,
        test_loss: outcome.test?.loss ?? null,
        gradient_calls: BigInt(outcome.cost.calls.gradient),
      });
    }
    const curves = await read('curves.parquet');
    expect(curves).toHaveLength(points);
    const own = curves.filter(({ trial, series }) => trial === 'a/adamw/final/1' && series === 'validation/error');
    const final = trials.find(({ plan: { id } }) => id === 'a/adamw/final/1');
    expect(own.map(({ step, value }) => [Number(step), value])).toEqual(
      final?.outcome.validation.map(({ step, metrics }) => [step, metrics.error]),
    );
  });

  const ends = <T>(points: readonly T[]) => (points.length < 3 ? points : [points[0], points.at(-1)]);
  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('without curves has the same table of trials, and nothing of the curves but their ends', async () => {
    const [whole, out] = [join(folder, 'with'), join(folder, 'without')];
    await exportRace(lab, race, { format: 'csv', out: whole });
    await exportRace(lab, race, { format: 'csv', out, curves: false });
    expect(await readdir(out)).toEqual(['trials.csv']);
    expect(await readFile(join(out, 'trials.csv'), 'utf8')).toBe(await readFile(join(whole, 'trials.csv'), 'utf8'));
    const file = join(folder, 'without.json');
    await exportRace(lab, race, { format: 'json', out: file, curves: false });
    const read = JSON.parse(await readFile(file, 'utf8')) as { trials: TrialRecord[] };
    for (const { plan: own, outcome } of trials) {
      const found = read.trials.find(({ id }) => id === own.id)?.outcome;
      expect(found?.validation).toEqual(asJson(ends(outcome.validation)));
      expect(found?.trainLoss).toEqual(asJson(ends(outcome.trainLoss)));
    }
  });

  it('to TensorBoard has a run for each trial, in folders that any system can have', async () => {
    const out = join(folder, 'as-events');
    await exportRace(lab, race, { format: 'tensorboard', out });
    const files = (await readdir(out, { recursive: true })).filter((name) => name.includes('tfevents'));
    expect(files).toHaveLength(trials.length + 1);
    expect(files).toContain(join('a', 'adamw', 'final', '0', `events.out.tfevents.${race}`));
    expect(files.filter((name) => /[<>:"|?*]/.test(name))).toEqual([]);
  });

  it('to JSON is one document', async () => {
    const out = join(folder, 'race.json');
    await exportRace(lab, race, { format: 'json', out });
    const read = JSON.parse(await readFile(out, 'utf8')) as { race: { id: string }; trials: { id: string }[] };
    expect(read.race.id).toBe(race);
    expect(new Set(read.trials.map(({ id }) => id))).toEqual(
      new Set([...trials.map(({ plan: { id } }) => id), 'a/adamw/tune/9']),
    );
  });

  it('reads trials by their ids, in the order of these, as they are read one by one', async () => {
    const records = await lab.records(race, ['b, "quoted"/adamw/final/1', 'nobody', 'a/adamw/tune/0']);
    expect(records.map(({ id }) => id)).toEqual(['b, "quoted"/adamw/final/1', 'a/adamw/tune/0']);
    expect(records[1]).toEqual(await lab.trial(race, 'a/adamw/tune/0'));
    expect(records[0].outcome?.validation).toHaveLength(4);
    expect(await lab.records(race, [])).toEqual([]);
  });

  it('does not touch what is there, unless it may', async () => {
    for (const format of exportFormats) {
      const out = join(folder, `there-${format}`);
      await mkdir(out);
      await writeFile(join(out, 'precious.txt'), 'mine');
      await expect(exportRace(lab, race, { format, out })).rejects.toThrow(ExportError);
      expect(await readdir(out)).toEqual(['precious.txt']);
    }
    const out = join(folder, 'there-csv');
    await writeFile(join(out, 'trials.csv'), 'old');
    await exportRace(lab, race, { format: 'csv', out, overwrite: true });
    expect((await readdir(out)).sort()).toEqual(['curves.csv', 'precious.txt', 'trials.csv']);
    expect((await csvLines(join(out, 'trials.csv'))).length).toBe(trials.length + 2);
  });

  it('does not put a file where a folder is, nor a folder where a file is', async () => {
    const aFolder = join(folder, 'there-json');
    await expect(exportRace(lab, race, { format: 'json', out: aFolder, overwrite: true })).rejects.toThrow(
      /is a folder/,
    );
    expect(await readdir(aFolder)).toEqual(['precious.txt']);
    const aFile = join(folder, 'race.json');
    await expect(exportRace(lab, race, { format: 'csv', out: aFile, overwrite: true })).rejects.toThrow(/is a file/);
  });

  it('that fails leaves nothing behind', async () => {
    const broken: Lab = { ...lab, records: () => Promise.reject(new Error('the lab is away')) };
    const out = join(folder, 'broken');
    await expect(exportRace(broken, race, { format: 'csv', out })).rejects.toThrow('the lab is away');
    expect((await readdir(folder)).filter((name) => name.startsWith('broken'))).toEqual([]);
  });
});
