import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { planRace } from './plan-race.ts';
import { inFile, readRaceFile } from './race-file.ts';

const root = join(import.meta.dirname, '..', '..');
const examples = join(root, 'examples', 'races');
// Inside the package, so that a module's import of 'thalweg' finds it.
const folder = mkdtempSync(join(root, 'tests', '.race-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('JSON, with a schema for editors', async () => {
  const race = await readRaceFile(join(examples, 'quick.json'));
  expect(race).not.toHaveProperty('$schema');
  const { plan, own } = await planRace(race);
  expect(own).toBe(false);
  expect(plan.tasks.map(({ label, steps }) => [label, steps])).toEqual([
    ['rosenbrock', 2000],
    ['beale', 500],
  ]);
});

test("a module's tasks, models, losses and optimizers are its own, and any process finds them there", async () => {
  const path = join(examples, 'own-task.ts');
  const { plan, cast, own } = await planRace(await readRaceFile(path));
  expect(own).toBe(false);
  expect(plan.module).toBe(path);
  expect(plan.tasks[0]).toMatchObject({ task: 'wave', hasData: true, target: { metric: 'distance', value: 0.1 } });
  expect(plan.competitors.map(({ optimizer }) => optimizer)).toEqual([
    'adamw',
    'normalized-momentum',
    'cautious(normalized-momentum)',
    'slow',
  ]);
  expect(cast.optimizer('cautious(normalized-momentum)').values).toMatchObject({ beta: 0.9 });
});

test('JSON may name a module beside it', async () => {
  write('mine.mjs', "import { adamw } from 'thalweg';\nexport const mine = { ...adamw({ lr: 0.5 }), id: 'mine' };");
  const race = { module: './mine.mjs', tasks: ['beale'], competitors: ['mine'] };
  const spec = await readRaceFile(write('race.json', JSON.stringify(race)));
  expect(spec.module).toBe(join(folder, 'mine.mjs'));
  const { plan, own } = await planRace(spec);
  expect(own).toBe(false);
  expect(plan.competitors[0].optimizer).toBe('mine');
});

test.each([
  ['race.yaml', '', 'a race file ends in .json, .ts, .mts, .js, .mjs'],
  ['broken.json', '{ "tasks": ', 'JSON'],
  ['list.json', '[]', 'a race is []; it must be an object: tasks and competitors'],
  [
    'field.json',
    '{ "tasks": ["beale"], "competitors": [{ "optimzer": "sgd" }] }',
    "competitors[0] has no field 'optimzer'; did you mean 'optimizer'?",
  ],
  [
    'empty.mjs',
    'export const race = 1;',
    'has no default export; write, say, export default defineRace({ tasks, competitors })',
  ],
  ['throws.mjs', "throw new Error('of its own');", 'of its own'],
  ['wrong.mjs', "export default { tasks: ['beale'], competitors: [3] };", 'competitors[0] is 3; it must be a name'],
  [
    'module.mjs',
    "export default { tasks: ['beale'], competitors: ['sgd'], module: './x.mjs' };",
    'module is for races in JSON',
  ],
])('%s is refused by its name and its trouble', async (name, text, message) => {
  const path = write(name, text);
  const refused = readRaceFile(path);
  await expect(refused).rejects.toThrow(`${path}: `);
  await expect(refused).rejects.toThrow(message);
});

test('a file that is not there is named', async () => {
  await expect(readRaceFile('/nowhere/race.json')).rejects.toThrow('/nowhere/race.json: there is no such file');
  await expect(readRaceFile('/nowhere/race.ts')).rejects.toThrow('/nowhere/race.ts: ');
});

test('what is wrong with the race of a file names the file', async () => {
  const spec = { tasks: ['beale'], competitors: ['sgd', { optimizer: 'sgd', label: 'b', fixed: { momentum: 1.3 } }] };
  const path = write('values.json', JSON.stringify(spec));
  const race = await readRaceFile(path);
  await expect(inFile('values.json', () => planRace(race))).rejects.toThrow(
    'values.json: competitors[1].fixed.momentum is 1.3; it must lie in [0, 1)',
  );
});
