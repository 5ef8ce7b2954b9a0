import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, type Start, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { signsgd } from '../first-order/signsgd.ts';
import { frugal } from './frugal.ts';
import { topIndices } from './subspace.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
const selectors = ['columns', 'rows', 'entries', 'svd', 'random'] as const;
const wide = {
  W: { shape: [4, 6], values: Array.from({ length: 24 }, (_, i) => Math.sin(i + 1)), role: 'matrix' },
} as const satisfies Record<string, Start>;
const bumpy = ({ w, t }: LossPoint) => w.flat.square().sum().add(w.flat.mul(3).add(t).sin().sum());

describe('frugal', () => {
  test('golden: columns, first the one, then the other', async () => {
    const { w } = await trajectory(frugal({ lr: 0.1, percent: 50, gap: 2 }), {
      ...setup,
      random: (t) => (t < 3 ? [0.9, 0.1] : [0.1, 0.9]),
    });
    const expected =
      '0.900000001805, -1.9, 2.9000000006, 0.4 | 0.801906043469, -1.8, 2.80121447977, 0.3 | 0.701906043469, -1.70000000142, 2.70121447977, 0.200000001832';
    expectClose(w, golden(expected));
  });

  test('golden: singular vectors', async () => {
    const { w } = await trajectory(frugal({ lr: 0.1, selector: 'svd', percent: 50 }), setup);
    const expected =
      '1.00368642556, -1.87309841754, 2.80368642501, 0.426901582616 | 1.00843274584, -1.74649287689, 2.60958959602, 0.35318400043 | 1.01448395346, -1.62025180754, 2.41872728802, 0.278562976193';
    expectClose(w, golden(expected));
  });

  test.each(['columns', 'rows', 'entries', 'blockwise'] as const)('all %s are AdamW', async (selector) => {
    const values = { lr: 0.1, weightDecay: 0.1 };
    const { w } = await trajectory(frugal({ ...values, selector, percent: 100 }), { ...setup, w0: wide, loss: bumpy });
    expectClose(w, (await trajectory(adamw(values), { ...setup, w0: wide, loss: bumpy })).w, { relative: 1e-13 });
  });

  test('all singular vectors are Adam in another basis, without signs of rounding errors', async () => {
    const { w, state } = await trajectory(frugal({ lr: 0.1, selector: 'svd', percent: 100, eps: 1 }), {
      ...setup,
      steps: 1,
    });
    const [a, b, c, d] = state[1]['state.matrices.0.at'];
    const g = w0.map((x, i) => x / 2 + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    const expected = [0, 2].flatMap((row) => {
      const u = [g[row] * a + g[row + 1] * c, g[row] * b + g[row + 1] * d].map((r) => r / (Math.abs(r) + 1));
      return [w0[row] - 0.1 * (u[0] * a + u[1] * b), w0[row + 1] - 0.1 * (u[0] * c + u[1] * d)];
    });
    expectClose(w[0], expected, { relative: 1e-12 });
  });

  test("'none' is sign descent, and freeScale its rate", async () => {
    const { w, statePerParameter } = await trajectory(frugal({ lr: 0.1, selector: 'none', freeScale: 0.5 }), setup);
    expectClose(w, (await trajectory(signsgd({ lr: 0.05 }), setup)).w, { relative: 1e-14 });
    expect(statePerParameter).toBe(0);
  });

  test('keeps two floats for each coordinate, and where they are', async () => {
    const floats = async (values: Parameters<typeof frugal>[0]) =>
      (await trajectory(frugal(values), { ...setup, w0: wide, steps: 1, loss: bumpy })).statePerParameter * 24;
    expect(await floats({ selector: 'columns', percent: 50 })).toBe(2 * 12 + 3);
    expect(await floats({ selector: 'rows', percent: 50 })).toBe(2 * 12 + 2);
    expect(await floats({ selector: 'entries', percent: 25 })).toBe(2 * 6 + 6);
    expect(await floats({ selector: 'svd', percent: 50 })).toBe(2 * 2 * 6 + 4 * 2);
  });

  test.each(selectors)(
    '%s: the part with state is a projection, and what is left takes steps of one size',
    async (selector) => {
      const { w, state } = await trajectory(frugal({ lr: 0.1, selector, percent: 50, freeScale: 0, eps: 0 }), { ...setup, w0: wide, loss: bumpy, steps: 1 }); // biome-ignore format: one line
      const alone = w[0].map((x, i) => x - wide.W.values[i]);
      if (selector === 'svd' || selector === 'random') {
        // Rank 2: an orthonormal basis [4, 2] on the left.
        const B = Object.entries(state[1]).find(([name]) => name.endsWith('at'))?.[1] as readonly number[];
        const product = (a: number, b: number) => [0, 1, 2, 3].reduce((sum, i) => sum + B[2 * i + a] * B[2 * i + b], 0);
        expectClose([product(0, 0), product(1, 1)], [1, 1], { relative: 1e-12 });
        expect(Math.abs(product(0, 1))).toBeLessThan(1e-12);
        return;
      }
      const share = alone.filter((x) => x !== 0);
      expect(share).toHaveLength(12);
      expectClose(share.map(Math.abs), Array(12).fill(0.1), { relative: 1e-12 });
    },
  );

  test("moments: 'keep' and 'project' carry them over a change of subspace, 'reset' does not", async () => {
    const run = async (states: 'reset' | 'keep' | 'project', same: boolean) => {
      const random = (t: number) => (same || t < 3 ? [0.9, 0.1] : [0.1, 0.9]);
      const { state } = await trajectory(frugal({ lr: 0.1, percent: 50, gap: 2, states, freeScale: 0 }), { ...setup, random }); // biome-ignore format: one line
      const found = (t: number, name: string) => state[t][`state.matrices.0.${name}`];
      return { before: found(2, 'm'), after: found(3, 'm'), v: found(3, 'v') };
    };
    const fresh = await run('reset', false);
    const projected = await run('project', false);
    // The other column was not in the subspace before: its projected moments are 0.
    expectClose(projected.after, fresh.after, { relative: 1e-14 });
    expectClose(projected.v, fresh.v, { relative: 1e-14 });
    const kept = await run('keep', false);
    expectClose(
      kept.after,
      fresh.after.map((x, i) => x + 0.9 * kept.before[i]),
      { relative: 1e-13 },
    );
    // In the same subspace nothing changes.
    expectClose((await run('project', true)).after, (await run('keep', true)).after, { relative: 1e-14 });
  });

  test('projected second moments of singular vectors stay at least 0', async () => {
    const { state } = await trajectory(frugal({ lr: 0.1, selector: 'svd', percent: 50, gap: 1, states: 'project' }), { ...setup, w0: wide, loss: bumpy, steps: 6 }); // biome-ignore format: one line
    for (const now of state) expect(now['state.matrices.0.v'].every((x) => x >= 0)).toBe(true);
  });

  test("'blockwise': whole matrices take turns, the others descend by sign", async () => {
    const two = { a: { ...asMatrix.W, values: [...w0] }, b: asMatrix.W };
    const loss = ({ w }: LossPoint) => w.flat.square().sum();
    const values = { lr: 0.1, selector: 'blockwise', percent: 50, gap: 1, order: 'ascending', freeScale: 0.5 } as const;
    const { w, statePerParameter } = await trajectory(frugal(values), { w0: two, loss, steps: 3 });
    expect(statePerParameter).toBe(1);
    const steps = w.map((now, t) => now.map((x, i) => Math.abs(x - (t === 0 ? [...w0, ...w0][i] : w[t - 1][i]))));
    steps.forEach((sizes, t) => {
      const active = [0, 1, 2, 3].map((i) => sizes[i + 4 * (t % 2)]);
      const free = [0, 1, 2, 3].map((i) => sizes[i + 4 * ((t + 1) % 2)]);
      expectClose(active, Array(4).fill(0.1), { relative: 1e-6 });
      expectClose(free, Array(4).fill(0.05), { relative: 1e-12 });
    });
  });

  test('indices of the largest scores, the first of equals first, within bounds whatever the scores', () => {
    const found = (scores: readonly number[], k: number) => [
      ...evaluate([topIndices(constant(scores), k)], new Map())[0].data,
    ];
    expect(found([3, 9, 9, 1], 3)).toEqual([1, 2, 0]);
    expect(found([Number.NaN, Number.NaN], 1)[0]).toBeLessThan(2);
  });

  test.each([...selectors, 'blockwise', 'none'] as const)(
    '%s: extreme inputs give finite numbers',
    async (selector) => {
      const tiny = { W: { shape: [1, 1], values: [2], role: 'matrix' } } as const;
      const zero = { W: { ...wide.W, values: Array(24).fill(0) } };
      for (const start of [tiny, zero, wide]) {
        for (const scale of [0, 1e30, 1e-30]) {
          const { w } = await trajectory(frugal({ selector }), { w0: start, steps: 2, loss: ({ w: x }) => x.flat.square().sum().mul(scale) }); // biome-ignore format: one line
          expect(w.flat().every(Number.isFinite)).toBe(true);
        }
      }
    },
  );

  test('shares beyond everything are refused', () => {
    expect(() => frugal({ percent: 101 })).toThrow('frugal: percent is 101; it must be a whole number from 1 to 100');
    expect(() => frugal({ selector: 'blockwise', states: 'keep' })).toThrow('which always resets');
  });
});
