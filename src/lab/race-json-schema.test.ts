import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { protocols } from './protocols/index.ts';
import { raceJsonSchema } from './race-json-schema.ts';
import { tuners } from './tuners/index.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(root, ...path), 'utf8'));
const schema = z.fromJSONSchema(raceJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
const accepts = (race: unknown): boolean => schema.safeParse(race).success;
const race = (changes: object) => ({ tasks: ['beale'], competitors: ['sgd'], ...changes });

test('schema/race.schema.json is what `npm run docs -- --pages` writes', () => {
  expect(read('schema', 'race.schema.json')).toEqual(raceJsonSchema());
});

test('takes the examples', () => {
  expect(accepts(read('examples', 'races', 'quick.json'))).toBe(true);
});

test('knows every protocol and every tuner by name', () => {
  for (const { kind } of protocols) expect([kind, accepts(race({ protocol: kind }))]).toEqual([kind, true]);
  for (const { kind } of tuners) {
    const protocol = { kind: 'equal-budget', tuner: { kind } };
    expect([kind, accepts(race({ protocol }))]).toEqual([kind, true]);
  }
});

test.each([
  [{ protocol: 'equal-bugdet' }],
  [{ protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 0 } } }],
  [{ protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trails: 3 } } }],
  [{ tasks: [] }],
  [{ tasks: [{ task: 'beale', steps: 0 }] }],
  [{ competitors: [{ optimizer: 'sgd', fixd: {} }] }],
  [{ competitors: [{ optimizer: 'sgd', space: { lr: { scale: 'ln', low: 1, high: 2 } } }] }],
  [{ seeds: 1000 }],
  [{ schedule: { warmup: 1, decay: 'none' } }],
  [{ engine: 'cuda' }],
])('refuses %j', (wrong) => {
  expect(accepts(race({}))).toBe(true);
  expect(accepts(race(wrong))).toBe(false);
});
