import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { scoreRace } from '../lab/analysis/score.ts';
import { describeMachine } from '../lab/machine.ts';
import { protocolPlan } from '../lab/protocols/index.ts';
import type { RaceResult } from '../lab/result.ts';
import { type MadeUpRace, madeUpPlan, madeUpTrials } from '../testing/race.ts';
import { resultTables } from './race-table.ts';

function resultOf(race: MadeUpRace, kept = true): RaceResult {
  const plan = madeUpPlan(race);
  const trials = kept ? madeUpTrials(plan) : [];
  const score = scoreRace(plan, trials);
  return {
    id: null,
    status: 'finished',
    plan,
    machine: describeMachine(),
    trials,
    ...score,
    seconds: 1,
    command: null,
  };
}

const competitors = ['adamw', 'schedule-free-adamw', 'sgd'];
const linesOf = (result: RaceResult, width: number) =>
  stripVTControlCharacters(resultTables(result, width)).split('\n');

test.each([300, 160, 120, 100, 80])(
  'no line is longer than a terminal of %i columns, and nothing is left out',
  (width) => {
    const one = resultOf({ competitors });
    const lines = linesOf(one, width);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    for (const head of [
      'rank',
      'optimizer',
      'prob.',
      'behind first',
      'steps to',
      'ms per',
      'peak',
      'best hyperparameters',
    ]) {
      expect(lines.join('\n')).toContain(head);
    }
  },
);

test('a wide terminal has one table, a narrower one several, the narrowest lists', () => {
  const one = resultOf({ competitors });
  const tables = (width: number) => linesOf(one, width).filter((line) => line.startsWith('rank')).length;
  expect(tables(300)).toBe(1);
  expect(tables(100)).toBeGreaterThan(1);
  expect(linesOf(one, 30).join('\n')).toMatch(/steps to target: /);
});

test('a tie is shown as one', () => {
  const plan = madeUpPlan({ competitors: ['adamw', 'sgd'] });
  const ends = { 'made-up': { adamw: [0.05, 0.06, 0.07], sgd: [0.07, 0.06, 0.051] } };
  const trials = madeUpTrials(plan, ends);
  const score = scoreRace(plan, trials);
  const result = { ...resultOf({ competitors: ['adamw', 'sgd'] }), plan, trials, ...score };
  expect(linesOf(result, 200).filter((line) => line.startsWith('1='))).toHaveLength(2);
});

test('several tasks: scores over all first, then each with its headline', () => {
  const result = resultOf({ tasks: ['mlp', 'cnn'], competitors });
  const text = linesOf(result, 120).join('\n');
  expect(text.startsWith('Across 2 tasks')).toBe(true);
  for (const { task, headline } of result.tasks) expect(text).toContain(`${task.label}: ${headline}`);
  expect(text.indexOf('Nash')).toBeLessThan(text.indexOf('steps to'));
});

test('a race without trials still names who takes part', () => {
  const text = linesOf(resultOf({ competitors }, false), 120).join('\n');
  for (const label of competitors) expect(text).toContain(label);
});

test('what the protocol shows beyond the common tables comes last, within the width', () => {
  const race = resultOf({
    competitors,
    tasks: ['a', 'b'],
    protocol: protocolPlan({ kind: 'time-to-target', trials: 2 }),
  });
  const text = linesOf(race, 100).join('\n');
  const heads = ['Benchmark score', 'Time to target on a', 'Time to target on b'].map((head) =>
    text.indexOf(`\n${head}\n`),
  );
  expect(heads[0]).toBeGreaterThan(text.indexOf('\nb: '));
  expect(heads).toEqual([...heads].sort((x, y) => x - y));
  expect(text).toContain('targets met');
  for (const width of [160, 80, 60]) {
    expect(
      Math.max(
        ...linesOf(race, width)
          .slice(linesOf(race, width).indexOf('Benchmark score'))
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(width);
  }
});
