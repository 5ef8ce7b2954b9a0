import { describe, expect, test } from 'vitest';
import { compare } from './matrix.ts';
import { agrees, summarize } from './statistics.ts';

test('times are summed up by median, least and most', () => {
  expect(summarize([3, 1, 2, 10])).toEqual({ median: 2.5, min: 1, max: 10, turns: 4 });
});

describe('values agree', () => {
  test('a loss to 1e-3 of the larger of 1 and ours', () => {
    expect(agrees('mlp', 0.1009, 0.1)).toBe(true);
    expect(agrees('mlp', 0.1011, 0.1)).toBe(false);
    expect(agrees('mlp', 4.003, 4)).toBe(true);
    expect(agrees('mlp', 4.005, 4)).toBe(false);
  });

  test('the descent of an update to 1e-3 of ours, small as it is', () => {
    expect(agrees('update', 0.0020001, 0.002)).toBe(true);
    expect(agrees('update', 0.00201, 0.002)).toBe(false);
  });

  test('what is no number never agrees', () => {
    expect(agrees('mlp', Number.NaN, 1)).toBe(false);
    expect(agrees('mlp', 1, Number.NaN)).toBe(false);
  });
});

test('rows are compared with that of Thalweg: ratio of medians, and values after as many steps as both took', () => {
  const measured = { outcome: 'measured' } as const;
  const rows = compare('mlp', [
    { ...measured, peer: 'thalweg', values: { 3: 2.5, 20: 2 }, times: summarize([2]) },
    { ...measured, peer: 'fast', values: { 3: 2.5, 20: 2.0001 }, times: summarize([1]) },
    { ...measured, peer: 'wrong', values: { 3: 2.5, 20: 2.1 }, times: summarize([8]) },
    { ...measured, peer: 'slow', values: { 3: 2.5001 }, times: summarize([100]) },
    { ...measured, peer: 'slower', times: summarize([200]) },
    { peer: 'none', outcome: 'unsupported', note: 'no form' },
  ]);
  expect(rows.map(({ ratio }) => ratio)).toEqual([1, 0.5, 4, 50, 100, undefined]);
  expect(rows.map((row) => row.agrees)).toEqual([true, true, false, true, undefined, undefined]);
  expect(rows.map(({ after }) => after)).toEqual([20, 20, 20, 3, undefined, undefined]);
});
