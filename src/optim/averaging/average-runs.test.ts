import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { averageRuns, averageSelectedRuns, type Weights } from './average-runs.ts';

const weights = (...numbers: number[]): Weights => ({
  w: { shape: [numbers.length], data: Float64Array.from(numbers) },
});

describe('averageRuns', () => {
  test('golden: the mean of two', () => {
    const a = averageRuns([weights(1.3, -1.9, 2.8, 0.9), weights(1.1, -1.7, 2.9, 0.7)]);
    expectClose([...a.w.data], [1.2, -1.8, 2.85, 0.8]);
  });

  test('does not depend on the order, keeps shapes and precision, leaves the runs as they are', () => {
    const runs = [weights(1, 2), weights(4, 0), weights(10, 1)];
    expectClose([...averageRuns(runs).w.data], [...averageRuns([...runs].reverse()).w.data]);
    expectClose([...averageRuns(runs).w.data], [5, 1]);
    expect([...runs[0].w.data]).toEqual([1, 2]);
    const single = { w: { shape: [1, 1], data: Float32Array.of(1) } };
    expect(averageRuns([single, single])).toEqual(single);
  });

  test('refuses runs of different models, and none', () => {
    expect(() => averageRuns([])).toThrow('takes at least one run');
    expect(() => averageRuns([weights(1), weights(1, 2)])).toThrow("'w' is [1] in one and [2] in the other");
    expect(() => averageRuns([weights(1), { ...weights(1), b: weights(2).w }])).toThrow("only one of them has 'b'");
  });
});

describe('averageSelectedRuns', () => {
  const runs = [
    { weights: weights(5), score: 0.7 },
    { weights: weights(1), score: 0.9 },
    { weights: weights(3), score: 0.8 },
  ];

  test('takes runs best first while the score of their mean does not fall', async () => {
    const near2 = (w: Weights) => 1 - Math.abs(w.w.data[0] - 2);
    const selected = await averageSelectedRuns(runs, near2);
    expect(selected).toEqual({ weights: weights(2), members: [1, 2], score: 1 });
  });

  test('ties join, or do not', async () => {
    const flat = () => 0.5;
    expect((await averageSelectedRuns(runs, flat)).members).toEqual([1, 2, 0]);
    expect((await averageSelectedRuns(runs, flat, { ties: 'reject' })).members).toEqual([1]);
  });
});
