import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { adamMini } from './adam-mini.ts';
import { subsetNorm } from './subset-norm.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
const matrix = (rows: number, columns: number) => ({
  W: { shape: [rows, columns], values: Array.from({ length: rows * columns }, (_, i) => Math.sin(i + 1)), role: 'matrix' },
}) as const; // biome-ignore format: one line
const bowl = ({ w }: LossPoint) => w.flat.square().sum();

describe('subset-norm', () => {
  test.each([
    [
      'adagrad',
      '0.955278676549, -1.9105573531, 2.90002082784, 0.497962083445 | 0.927620833668, -1.85524166734, 2.83884567915, 0.47878366872 | 0.907068579356, -1.81413715871, 2.7943243166, 0.453580760451',
    ],
    [
      'rmsprop',
      '0.955279781975, -1.91055956395, 2.90002266946, 0.497962120983 | 0.916164115182, -1.83232823036, 2.81350527933, 0.470838928862 | 0.881005291797, -1.76201058359, 2.7370559792, 0.4273416241',
    ],
    [
      'adam',
      '0.955279781975, -1.91055956395, 2.90002266946, 0.497962120983 | 0.911149604695, -1.82229920939, 2.80308563732, 0.482639017512 | 0.867811958348, -1.7356239167, 2.71043808517, 0.456227854147',
    ],
  ] as const)('golden: %s', async (form, expected) => {
    expectClose((await trajectory(subsetNorm({ lr: 0.1, form }), setup)).w, golden(expected));
  });

  test('is Adam-mini at a rate that is sqrt(k) times smaller, but for eps', async () => {
    const { w } = await trajectory(subsetNorm({ lr: 0.1, eps: 0 }), setup);
    const mini = await trajectory(adamMini({ lr: 0.1 / Math.SQRT2, eps: 0 }), setup);
    expectClose(w, mini.w, { relative: 1e-13 });
  });

  test('a subset has as many elements as asked for', async () => {
    const sums = async (rows: number, columns: number, values: Parameters<typeof subsetNorm>[0]) => {
      const { state } = await trajectory(subsetNorm({ form: 'adagrad', ...values }), {
        w0: matrix(rows, columns),
        loss: bowl,
        steps: 1,
      });
      return Object.values(state[1]).map(({ length }) => length);
    };
    expect(await sums(4, 6, {})).toEqual([6]); // the longer side
    expect(await sums(6, 4, {})).toEqual([6]);
    expect(await sums(4, 4, {})).toEqual([4]);
    expect(await sums(4, 6, { subsets: 'rows' })).toEqual([4]);
    expect(await sums(6, 4, { subsets: 'columns' })).toEqual([4]);
    expect(await sums(4, 6, { subsets: 'size', subsetSize: 8 })).toEqual([3]);
    expect(await sums(4, 6, { subsets: 'size', subsetSize: 7 })).toEqual([4]); // 6 divides 24
    expect(await sums(4, 6, { subsets: 'size', subsetSize: 1000 })).toEqual([1]);
    expect(await sums(4, 6, { subsets: 'root' })).toEqual([12]); // sqrt(24) / 2 = 2.4
    expect(await sums(4, 6, { subsets: 'root', rootPart: 1 })).toEqual([6]); // 4.9, and 4 divides 24
  });

  test('columns share a denominator where the rows are longer', async () => {
    const { w } = await trajectory(subsetNorm({ lr: 0.1, form: 'adagrad', eps: 0, subsets: 'columns' }), {
      w0: matrix(2, 3),
      loss: bowl,
      steps: 1,
    });
    const start = matrix(2, 3).W.values;
    const expected = start.map((x, i) => x - (0.1 * 2 * x) / Math.hypot(2 * start[i % 3], 2 * start[(i % 3) + 3]));
    expectClose(w[0], expected, { relative: 1e-13 });
  });

  test('all other tensors take Adam with adamLr', async () => {
    const { w } = await trajectory(subsetNorm({ adamLr: 0.1 }), { ...setup, w0 });
    const expected = await trajectory(adam({ lr: 0.1, eps: 1e-6 }), { ...setup, w0 });
    expectClose(w, expected.w, { relative: 1e-14 });
  });

  test('zero gradients and extreme scales give finite numbers', async () => {
    for (const form of ['adagrad', 'rmsprop', 'adam'] as const) {
      for (const scale of [0, 1e30, 1e-30]) {
        const loss = (point: LossPoint) => commonLoss(point).mul(scale);
        const { w } = await trajectory(subsetNorm({ form }), { ...setup, loss });
        expect(w.flat().every(Number.isFinite)).toBe(true);
      }
    }
  });
});
