import { expect, test } from 'vitest';
import type { Row } from './analysis/score-types.ts';
import {
  bytes,
  meanRank,
  metricCell,
  metricDifference,
  metricEstimate,
  number,
  probability,
  rank,
  share,
  toTarget,
} from './format.ts';

test('numbers have three significant digits, and an exponent only where they would be long', () => {
  expect([0, 0.0712345, 3.2468, 1234567.8, 1e-7, 2.5e9, Number.NaN].map((value) => number(value))).toEqual([
    '0',
    '0.0712',
    '3.25',
    '1,234,568',
    '1e-7',
    '2.5e9',
    '–',
  ]);
});

test('a share is in percent, its differences in points with their sign, other metrics are numbers', () => {
  expect(metricEstimate('error', { mean: 0.0205, halfWidth: 0.0011, count: 3 })).toBe('2.05% ± 0.11');
  expect(metricDifference('error', { mean: 0.0024, halfWidth: 0.0011, count: 3 })).toBe('+0.24 ± 0.11');
  expect(metricDifference('error', { mean: -0.0024, halfWidth: Number.NaN, count: 1 })).toBe('−0.24');
  expect(metricDifference('loss', { mean: 0.5, halfWidth: 0.25, count: 3 })).toBe('+0.50 ± 0.25');
  expect(metricEstimate('loss', { mean: 1.5, halfWidth: 0.0123, count: 3 })).toBe('1.500 ± 0.012');
  expect(metricEstimate('loss', { mean: 12345, halfWidth: 0, count: 3 })).toBe('12,345 ± 0');
  expect(metricDifference('loss', null)).toBe('–');
});

test('numbers of a column keep their zeros', () => {
  expect([1.5, 0.25, 1.234567].map((value) => metricCell('loss', value))).toEqual(['1.50', '0.250', '1.23']);
  expect(metricCell('error', 0.0205)).toBe('2.05%');
  expect(metricCell('loss', 1e-8)).toBe('1e-8');
});

test('a probability that draws found to be none or all is not written as such', () => {
  expect([0, 0.004, 0.005, 0.5, 0.994, 1, Number.NaN].map(probability)).toEqual([
    '<1%',
    '<1%',
    '1%',
    '50%',
    '99%',
    '>99%',
    '–',
  ]);
  expect(share(0)).toBe('0%');
});

test('steps to the target say who met it, and the interval where there is room', () => {
  const row = (reached: number, halfWidth: number): Row =>
    ({
      toTarget: {
        reached,
        runs: 3,
        steps: { mean: 1566.4, halfWidth, count: 3 },
        seconds: { mean: 2.5, halfWidth, count: 3 },
      },
    }) as Row;
  expect(toTarget(row(3, 84), 'steps')).toBe('1,566');
  expect(toTarget(row(3, 84), 'steps', true)).toBe('1,566 ± 84');
  expect(toTarget(row(3, 0.123), 'seconds', true)).toBe('2.5 s ± 0.12');
  expect(toTarget(row(1, Number.NaN), 'seconds', true)).toBe('2.5 s (1 of 3)');
  expect(toTarget(row(0, Number.NaN), 'steps', true)).toBe('missed');
});

test('memory is in powers of 1024', () => {
  expect([0, 512, 1536, 327_155_712, 2 ** 31, Number.NaN].map(bytes)).toEqual([
    '0 B',
    '512 B',
    '1.5 KiB',
    '312 MiB',
    '2 GiB',
    '–',
  ]);
});

test('a shared rank says so; a mean rank comes with its interval where there is one', () => {
  expect(rank({ rank: 2, tied: true })).toBe('2=');
  expect(rank({ rank: null, tied: false })).toBe('–');
  const row = {
    competitor: 'a',
    score: 0,
    scoreSeconds: 0,
    nash: 0,
    best: 0,
    firsts: 0,
    meanRank: 1.75,
    low: 1,
    high: 2.5,
  };
  expect(meanRank(row)).toBe('1.75 (1 to 2.5)');
  expect(meanRank({ ...row, low: Number.NaN })).toBe('1.75');
});
