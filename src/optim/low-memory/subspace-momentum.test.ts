import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { sgd } from '../first-order/sgd.ts';
import { subsetNorm } from './subset-norm.ts';
import { subspaceMomentum } from './subspace-momentum.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

describe('subspace-momentum', () => {
  test('golden: SGD-SM, columns, first the one, then the other', async () => {
    const { w, statePerParameter } = await trajectory(
      subspaceMomentum({ lr: 0.1, form: 'sgd', selector: 'columns', percent: 50, gap: 2 }),
      { ...setup, random: (t) => (t < 3 ? [0.9, 0.1] : [0.1, 0.9]) },
    );
    const expected =
      '0.994459697694, -1.88919395388, 2.98337909308, 0.496612092235 | 0.984917273967, -1.80305719292, 2.9547518219, 0.455135614161 | 0.945571335235, -1.79602189195, 2.8367140057, 0.448899966104';
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(0.75); // a column and its index
  });

  test('golden: AdamSNSM, singular vectors', async () => {
    const { w } = await trajectory(subspaceMomentum({ lr: 0.1, percent: 50 }), setup);
    const expected =
      '1.13471751417, -1.26813306725, 2.83015276321, 0.247812508916 | 1.11912423276, -1.05697302002, 2.68342672238, 0.0607762612137 | 1.06972283066, -0.960498106955, 2.55133698833, -0.0931794991567';
    expectClose(w, golden(expected));
  });

  test('the whole space is plain momentum, or subset-norm with its first moment', async () => {
    for (const selector of ['columns', 'rows', 'svd', 'random', 'cosine'] as const) {
      const whole = { lr: 0.1, selector, percent: 100 };
      const averaged = await trajectory(sgd({ lr: 0.01, momentum: 0.9 }), setup); // lr (1 - beta1) in the sum form
      expectClose((await trajectory(subspaceMomentum({ ...whole, form: 'sgd' }), setup)).w, averaged.w, { relative: 1e-12 }); // biome-ignore format: one line
      const subset = await trajectory(subsetNorm({ lr: 0.1 }), setup);
      expectClose((await trajectory(subspaceMomentum(whole), setup)).w, subset.w, { relative: 1e-12 });
    }
  });

  test('without momentum it is plain SGD, or subset-norm RMSprop, whatever the subspace', async () => {
    const none = { lr: 0.1, beta1: 0, percent: 50 };
    const plain = await trajectory(sgd({ lr: 0.1 }), setup);
    expectClose((await trajectory(subspaceMomentum({ ...none, form: 'sgd' }), setup)).w, plain.w, { relative: 1e-12 });
    const rms = await trajectory(subsetNorm({ lr: 0.1, form: 'rmsprop' }), setup);
    expectClose((await trajectory(subspaceMomentum(none), setup)).w, rms.w, { relative: 1e-12 });
  });

  test('correctOrthogonal false: the first step is that of RMSprop, in and outside of the subspace', async () => {
    const once = { ...setup, steps: 1 };
    const rms = await trajectory(subsetNorm({ lr: 0.1, form: 'rmsprop' }), once);
    const clean = await trajectory(subspaceMomentum({ lr: 0.1, percent: 50, correctOrthogonal: false }), once);
    expectClose(clean.w, rms.w, { relative: 1e-12 });
    // The published form takes ten times the step outside: column 1 when column 0 has momentum.
    const code = await trajectory(subspaceMomentum({ lr: 0.1, percent: 50, selector: 'columns' }), { ...once, random: () => [0.9, 0.1] }); // biome-ignore format: one line
    const ratio = [0, 1, 2, 3].map((i) => (code.w[0][i] - w0[i]) / (rms.w[0][i] - w0[i]));
    expectClose(ratio, [1, 10, 1, 10], { relative: 1e-9 });
  });

  test('waves and random vectors are orthonormal', async () => {
    const start = { W: { shape: [7, 5], values: Array.from({ length: 35 }, (_, i) => Math.sin(i)), role: 'matrix' } } as const; // biome-ignore format: one line
    for (const selector of ['cosine', 'random', 'svd'] as const) {
      for (const percent of [60, 100]) {
        const { state } = await trajectory(subspaceMomentum({ selector, percent }), { w0: start, loss: ({ w }) => w.flat.square().sum(), steps: 1 }); // biome-ignore format: one line
        const B = state[1]['state.matrices.momenta.0.at'];
        const rank = B.length / 5;
        expect(rank).toBe((5 * percent) / 100);
        const column = (q: number) => [0, 1, 2, 3, 4].map((i) => B[rank * i + q]);
        for (let p = 0; p < rank; p++) {
          const products = Array.from({ length: rank }, (_, q) =>
            column(p).reduce((sum, x, i) => sum + x * column(q)[i], 0),
          );
          expectClose(products, products.map((_, q) => Number(p === q)), { relative: 1e-12, absolute: 1e-12 }); // biome-ignore format: one line
        }
      }
    }
  });

  test('momentum begins anew at a change of subspace', async () => {
    const { state } = await trajectory(subspaceMomentum({ lr: 0.1, form: 'sgd', selector: 'top-columns', percent: 50, gap: 2 }), setup); // biome-ignore format: one line
    const m = state.map((now) => now['state.matrices.momenta.0.m']);
    const at = state.map((now) => now['state.matrices.momenta.0.at'][0]);
    // The first column has the larger gradient throughout, so only the reset shows.
    expect(at.slice(1)).toEqual([0, 0, 0]);
    const g = (w: readonly number[], t: number) => [w[0] / 2 + 0.1 * Math.cos(t), w[2] / 2 + 0.3 * Math.cos(t)];
    const { w } = await trajectory(subspaceMomentum({ lr: 0.1, form: 'sgd', selector: 'top-columns', percent: 50, gap: 2 }), setup); // biome-ignore format: one line
    expectClose(
      m[3],
      g(w[1], 3).map((x) => 0.1 * x),
      { relative: 1e-12 },
    );
  });

  test("all other tensors take Adam, or in form 'sgd' whole momentum", async () => {
    const vector = { ...setup, w0 };
    expectClose((await trajectory(subspaceMomentum({ adamLr: 0.1 }), vector)).w, (await trajectory(adam({ lr: 0.1, eps: 1e-6 }), vector)).w, { relative: 1e-14 }); // biome-ignore format: one line
    const averaged = await trajectory(sgd({ lr: 0.01, momentum: 0.9 }), vector);
    expectClose((await trajectory(subspaceMomentum({ lr: 0.1, form: 'sgd' }), vector)).w, averaged.w, { relative: 1e-12 }); // biome-ignore format: one line
  });

  test('extreme inputs give finite numbers', async () => {
    const tiny = { W: { shape: [1, 1], values: [2], role: 'matrix' } } as const;
    for (const form of ['sgd', 'adam'] as const) {
      for (const selector of ['svd', 'random', 'cosine', 'columns', 'rows', 'top-columns'] as const) {
        for (const scale of [0, 1e30, 1e-30]) {
          const loss = ({ w }: LossPoint) => w.flat.square().sum().mul(scale);
          for (const start of [tiny, asMatrix]) {
            const { w } = await trajectory(subspaceMomentum({ form, selector }), { w0: start, steps: 2, loss });
            expect(w.flat().every(Number.isFinite)).toBe(true);
          }
        }
      }
    }
  });

  test('shares beyond everything are refused', () => {
    expect(() => subspaceMomentum({ percent: 101 })).toThrow('percent is 101; it must be a whole number from 1 to 100');
  });
});
