import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nashAverage } from './nash.ts';

const raw = { normalise: false };

const close = (actual: readonly number[], expected: readonly number[], digits = 6) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, digits);
  });
};

describe('competitors against competitors', () => {
  test('a copy of scissors shares their weight', () => {
    // Rock, paper, scissors, scissors.
    const game = [
      [0, -1, 1, 1],
      [1, 0, -1, -1],
      [-1, 1, 0, 0],
      [-1, 1, 0, 0],
    ];
    const { competitors, scores } = nashAverage(game, raw);
    close(competitors, [1 / 3, 1 / 3, 1 / 6, 1 / 6]);
    close(scores, [0, 0, 0, 0]);
  });

  test('who beats all others has all the weight', () => {
    const transitive = [
      [0, -1, -1],
      [1, 0, -1],
      [1, 1, 0],
    ];
    const { competitors, scores } = nashAverage(transitive, raw);
    close(competitors, [0, 0, 1]);
    close(scores, [-1, -1, 0]);
    const ratings = [
      [0, 234, 34, -270],
      [-234, 0, -38, -464],
      [-34, 38, 0, -270],
      [270, 464, 270, 0],
    ];
    close(nashAverage(ratings, raw).competitors, [0, 0, 0, 1]);
    close(nashAverage(ratings, raw).scores, [-270, -464, -270, 0]);
  });
});

/** The second and third task are one. */
const table = [
  [0.9, 0.2, 0.2],
  [0.3, 0.8, 0.8],
  [0.5, 0.5, 0.5],
];

describe('competitors against tasks', () => {
  test('copies of a task share its weight', () => {
    const { competitors, tasks, scores } = nashAverage(table, raw);
    close(competitors, [5 / 12, 7 / 12, 0]);
    close(tasks, [0.5, 0.25, 0.25]);
    close(scores, [0.55, 0.55, 0.5]);
  });

  test('ten more copies turn the plain average around and leave this one as it is', () => {
    const more = table.map((row) => [...row, ...new Array<number>(10).fill(row[0])]);
    const average = (rows: readonly (readonly number[])[]) =>
      rows.map((row) => row.reduce((sum, x) => sum + x, 0) / row.length);
    const firstOf = (values: readonly number[]) => values.indexOf(Math.max(...values));
    expect(firstOf(average(table))).toBe(1);
    expect(firstOf(average(more))).toBe(0);
    const before = nashAverage(table, raw).scores;
    nashAverage(more, raw).scores.forEach((score, i) => {
      expect(Math.abs(score - before[i])).toBeLessThan(1e-5);
    });
  });

  test('normalised: scale and offset of a task do not matter, and a task that tells nobody apart adds nothing', () => {
    const before = nashAverage(table);
    const scaled = nashAverage(table.map(([a, b, c]) => [100 * a - 7, b, 0.01 * c, 3]));
    close(scaled.scores, before.scores, 5);
    expect(
      nashAverage([
        [1, 2],
        [1, 2],
      ]).scores,
    ).toEqual([1, 1]);
  });

  test('is an equilibrium: no competitor scores more than those that are picked, no task is harder than those that count', () => {
    const tables = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([rows, columns]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
    fc.assert(
      fc.property(tables, (rows) => {
        const { competitors: x, tasks: y, scores } = nashAverage(rows, raw);
        const easiness = y.map((_, w) => rows.reduce((sum, row, c) => sum + x[c] * row[w], 0));
        expect(Math.max(...scores)).toBeLessThanOrEqual(Math.min(...easiness) + 1e-4);
        close([x.reduce((a, b) => a + b), y.reduce((a, b) => a + b)], [1, 1], 9);
      }),
      { numRuns: 60 },
    );
  });
});
