import { describe, expect, test } from 'vitest';
import { log } from '../../optim/hyper.ts';
import { type HyperbandOptions, hyperband, hyperbandBrackets } from './hyperband.ts';
import { tunerPlan } from './index.ts';
import type { Result, Study } from './tuner.ts';

const options = (given: Readonly<Record<string, unknown>> = {}): HyperbandOptions =>
  tunerPlan({ kind: 'hyperband', ...given }).options as HyperbandOptions;

/** '81@1 27@3': settings at steps. */
const text = (steps: number, given: Readonly<Record<string, unknown>>): string[] =>
  hyperbandBrackets(steps, options(given)).map(({ sizes, budgets }) =>
    sizes.map((size, k) => `${size}@${budgets[k]}`).join(' '),
  );

describe('the brackets for a budget of 81 and eta 3', () => {
  test("by the formula of the paper's algorithm", () => {
    expect(text(81, { rungs: 5 })).toEqual([
      '81@1 27@3 9@9 3@27 1@81',
      '34@3 11@9 3@27 1@81',
      '15@9 5@27 1@81',
      '8@27 2@81',
      '5@81',
    ]);
  });

  test("by the paper's table", () => {
    expect(text(81, { rungs: 5, tableRounding: true })).toEqual([
      '81@1 27@3 9@9 3@27 1@81',
      '27@3 9@9 3@27 1@81',
      '9@9 3@27 1@81',
      '6@27 2@81',
      '5@81',
    ]);
  });
});

test('a run too short for its rungs has fewer of them', () => {
  expect(text(5, { rungs: 5 })).toEqual(['9@1 3@2 1@5', '5@2 1@5', '3@5']);
  expect(text(1, { rungs: 5 })).toEqual(['1@1']);
});

test('the rungs of a bracket go on while others still run, and every bracket has settings of its own', () => {
  const study: Study = { space: { lr: log(1e-4, 1) }, start: { lr: 1e-3 }, steps: 9, seed: 0 };
  const given = options({ rungs: 3 });
  const results = new Map<string, Result>();
  const first = hyperband.advise(study, given, results).probes;
  expect(first.map(({ until }) => until)).toEqual([...Array(9).fill(1), ...Array(5).fill(3), ...Array(3).fill(9)]);
  expect(new Set(first.map(({ values }) => values.lr)).size).toBe(17);
  for (const { key, values, until } of first.filter((probe) => probe.until === 1)) {
    results.set(key, { score: values.lr * until, loss: 0 });
  }
  const { probes, done } = hyperband.advise(study, given, results);
  expect(done).toBeNull();
  // The three lowest learning rates of the first bracket, in order, where the list has its second rung.
  const promoted = probes.filter(({ from }) => from !== undefined);
  const lowest = first
    .filter(({ until }) => until === 1)
    .sort((a, b) => a.values.lr - b.values.lr)
    .slice(0, 3);
  expect(promoted.map(({ from, until, index }) => [from, until, index])).toEqual(
    lowest.map(({ key }, i) => [key, 3, 9 + i]),
  );
});
