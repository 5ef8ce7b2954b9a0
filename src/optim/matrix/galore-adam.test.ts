import { expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, trajectory } from '../../testing/trajectory.ts';
import { galoreAdam } from './galore-adam.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

test('golden: rank 1, right', async () => {
  const { w, programs } = await trajectory(galoreAdam({ lr: 0.1, rank: 1, side: 'right' }), setup);
  const expected =
    '0.975922521581, -1.99327486001, 2.97592208446, 0.506725262084 | 0.952102194632, -1.98662154563, 2.95225222935, 0.513336547803 | 0.928595579039, -1.98005585474, 2.92909131258, 0.519805680694';
  expectClose(w, golden(expected));
  expect(programs).toBe(2);
});

test('a square matrix projects on the right by default, a wide one on the left; state as the projection says', async () => {
  const standard = await trajectory(galoreAdam({ rank: 1 }), setup);
  const right = await trajectory(galoreAdam({ rank: 1, side: 'right' }), setup);
  expect(standard.w).toEqual(right.w);
  const wide = { W: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6.5], role: 'matrix' } } as const;
  const { state } = await trajectory(galoreAdam({ rank: 1 }), {
    w0: wide,
    loss: ({ w }) => w.flat.square().sum(),
    steps: 1,
  });
  // m and v [1, 3], basis [2, 1]
  expect(Object.values(state[1]).map((numbers) => numbers.length)).toEqual([3, 3, 2]);
});

test('each update of one period has the rank of the projection', async () => {
  const { w } = await trajectory(galoreAdam({ rank: 1 }), setup);
  w.slice(1).forEach((after, i) => {
    const [a, b, c, d] = after.map((x, j) => x - w[i][j]);
    expect(Math.abs(a * d - b * c)).toBeLessThan(1e-12);
  });
});

test('a rank beyond the matrix is full-rank Adam in another basis: it still descends', async () => {
  const { loss } = await trajectory(galoreAdam({ lr: 0.1, rank: 128, scale: 1, gap: 5 }), {
    ...setup,
    loss: ({ w }) => w.flat.square().sum(),
    steps: 40,
  });
  expect(loss[39]).toBeLessThan(0.1 * loss[0]);
});

test('a new basis has the signs nearer to the old one, so that kept moments go on', async () => {
  const { state } = await trajectory(galoreAdam({ lr: 0.01, rank: 1, gap: 1 }), { ...setup, steps: 8 });
  const bases = state.slice(1).map((now) => now['state.matrices.0.basis']);
  for (const [i, [a, b]] of bases.slice(1).entries()) expect(a * bases[i][0] + b * bases[i][1]).toBeGreaterThan(0);
});

test('zero gradients, matrices of one element and extreme scales give finite numbers', async () => {
  const tiny = { W: { shape: [1, 1], values: [2], role: 'matrix' } } as const;
  for (const start of [asMatrix, tiny]) {
    for (const scale of [0, 1e30, 1e-30]) {
      const { w } = await trajectory(galoreAdam(), { w0: start, loss: (p) => p.w.flat.square().sum().mul(scale), steps: 2 }); // biome-ignore format: one line
      expect(w.flat().every(Number.isFinite)).toBe(true);
    }
  }
});
