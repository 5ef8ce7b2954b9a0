import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { fromBlocks, toBlocks } from './blocks.ts';
import { distributedShampoo } from './distributed-shampoo.ts';
import { inverseRoot } from './inverse-root.ts';
import { shampoo } from './shampoo.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

describe('shampoo', () => {
  test('golden: 2018', async () => {
    const { w, statePerParameter } = await trajectory(shampoo({ lr: 0.1 }), setup);
    const expected =
      '0.979238972072, -1.90218291896, 2.90218065281, 0.47924109965 | 0.962105296975, -1.84225491462, 2.84209263385, 0.449505987307 | 0.946904568817, -1.79872162906, 2.7983068376, 0.417360459872';
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(4);
  });

  test('one gradient alone, without a ridge, is replaced by its orthogonal factor', async () => {
    const { w } = await trajectory(shampoo({ lr: 1, eps: 1e-15 }), { ...setup, steps: 1 });
    const [a, b, c, d] = w[0].map((x, i) => asMatrix.W.values[i] - x);
    const [p, q, r, s] = [0.5, -1, 1.5, 0.25].map((x, i) => x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    // D D' = I, and D' g is symmetric.
    expectClose([a * a + b * b, c * c + d * d, a * c + b * d], [1, 1, 0], { relative: 1e-9, absolute: 1e-9 });
    expectClose([a * q + c * s], [b * p + d * r], { relative: 1e-9 });
  });

  test('stale roots: two programs, and the roots change only when due', async () => {
    const { state, programs } = await trajectory(shampoo({ refresh: 2 }), { ...setup, steps: 4 });
    expect(programs).toBe(2);
    const roots = state.map((one) => one['state.matrices.0.0.rootL']);
    expect(roots[2]).toEqual(roots[1]);
    expect(roots[3]).not.toEqual(roots[2]);
    expect(roots[4]).toEqual(roots[3]);
  });

  test('vectors take AdaGrad', async () => {
    const start = { b: { shape: [2], values: [3, -4], role: 'bias' } } as const;
    const { w } = await trajectory(shampoo({ lr: 0.1, eps: 1e-12 }), {
      w0: start,
      loss: ({ w: x }) => x.flat.square().sum(),
      steps: 1,
    });
    expectClose(w, [[2.9, -3.9]]);
  });
});

describe('distributed-shampoo', () => {
  test.each([
    [
      'adam',
      '0.970640068112, -1.86165987163, 2.86165987163, 0.470640068112 | 0.934236801366, -1.73422152748, 2.73345186799, 0.431244567457 | 0.89095383666, -1.61002443619, 2.60747748197, 0.380695393801',
    ],
    [
      'none',
      '0.979239391363, -1.90217874909, 2.90217874909, 0.479239391363 | 0.952347434304, -1.80798314952, 2.80747608563, 0.450263342401 | 0.921041799409, -1.71796273932, 2.71635620784, 0.414083920621',
    ],
  ] as const)('golden: graft %s', async (graft, expected) => {
    const optimizer = distributedShampoo({ lr: 0.1, refresh: 1, graft });
    expectClose((await trajectory(optimizer, setup)).w, golden(expected));
  });

  test('before the first roots the grafted method steps alone, here Adam', async () => {
    const { w } = await trajectory(distributedShampoo({ lr: 0.1, refresh: 3 }), setup);
    expectClose(
      w.slice(0, 2),
      golden(
        '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.801906043469, -1.80137055453, 2.80121447977, 0.319736699391',
      ),
    );
  });

  test('beta2 1 sums the statistics', async () => {
    const { state } = await trajectory(distributedShampoo({ beta2: 1, refresh: 1, graft: 'sgd' }), {
      ...setup,
      loss: ({ w }) => w.flat.mul(constant([1, 2, 3, 4])).sum(),
      steps: 2,
    });
    expectClose(state[2]['state.factors.0.0.L'], [10, 22, 22, 50]);
  });

  test('blocks: every block has factors of its own', async () => {
    const wide = { W: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6.5], role: 'matrix' } } as const;
    const run = await trajectory(distributedShampoo({ refresh: 1, blockSize: 2 }), {
      w0: wide,
      loss: ({ w }) => w.flat.square().sum(),
      steps: 2,
    });
    expect(
      Object.entries(run.state[0])
        .filter(([name]) => name.endsWith('.L'))
        .map(([, L]) => L.length),
    ).toEqual([4, 1]);
    expect(run.loss[1]).toBeLessThan(run.loss[0]);
  });
});

test('grafting gives every block the length of the grafted step', async () => {
  const wide = { W: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6.5], role: 'matrix' } } as const;
  const loss = ({ w }: LossPoint) =>
    w.flat
      .square()
      .mul(constant([1, 2, 3, 4, 5, 6]))
      .sum();
  const run = await trajectory(distributedShampoo({ refresh: 1, blockSize: 2 }), { w0: wide, loss, steps: 1 });
  const grafted = await trajectory(adam({ lr: 1e-3 }), { w0: wide, loss, steps: 1 });
  const lengths = ([w]: readonly (readonly number[])[]) => {
    const moved = w.map((x, i) => x - wide.W.values[i]);
    return [Math.hypot(...moved.slice(0, 4)), Math.hypot(...moved.slice(4))];
  };
  expectClose(lengths(run.w), lengths(grafted.w), { relative: 1e-9 });
});

test('blocks go back together', () => {
  const x = constant([[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // biome-ignore format: a matrix
  expect([...evaluate([fromBlocks(toBlocks(x, 2))])[0].data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the inverse fourth root to the fourth power is the inverse', () => {
  const A = constant([[4, 1], [1, 3]], { dtype: 'float64' }); // biome-ignore format: a matrix
  const root = inverseRoot(A, 0.25, 0);
  const identity = root.matmul(root).matmul(root).matmul(root).matmul(A);
  expectClose([...evaluate([identity])[0].data], [1, 0, 0, 1], { absolute: 1e-13 });
});

test('without a ridge the inverse root of a singular matrix is that of its pseudo-inverse', () => {
  const A = constant([[16, 0], [0, 0]], { dtype: 'float64' }); // biome-ignore format: a matrix
  expectClose([...evaluate([inverseRoot(A, 0.25, 0)])[0].data], [0.5, 0, 0, 0], { absolute: 1e-15 });
});
