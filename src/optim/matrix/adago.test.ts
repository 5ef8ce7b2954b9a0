import { expect, test } from 'vitest';
import { fillRandom } from '../../runtime/random.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import { constant } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, lossWithGradient, trajectory } from '../../testing/trajectory.ts';
import type { Optimizer } from '../optimizer.ts';
import { adago } from './adago.ts';
import { muon } from './muon.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };

test.each([
  [
    'v0 1e-6, gamma 10, floor 5e-4',
    {},
    '0.979239391363, -1.90217874909, 2.90217874909, 0.479239391363 | 0.961449240632, -1.84140360696, 2.84140360696, 0.461449240632 | 0.944472044382, -1.79495302282, 2.79495302282, 0.444472044382',
    [0.1, 0.0633254085228, 0.0494558586938],
  ],
  [
    'v0 1, gamma 1',
    { v0: 1, gamma: 1 },
    '0.985320032851, -1.93082993014, 2.93082993014, 0.485320032851 | 0.969124651167, -1.87541293865, 2.87541293865, 0.469124651167 | 0.952017659991, -1.82843048605, 2.82843048605, 0.452017659991',
    // All norms exceed gamma.
    [1 / Math.sqrt(200), 1 / Math.sqrt(300), 1 / Math.sqrt(400)],
  ],
] as const)('golden: %s', async (_, values, expected, sizes) => {
  const optimizer = adago({ lr: 0.1, orthogonalize: 'exact', ...values });
  const { w, statePerParameter } = await trajectory(optimizer, setup);
  expectClose(w, golden(expected));
  // An orthogonal 2 x 2 matrix has the Frobenius norm sqrt(2).
  const before = [asMatrix.W.values, ...w];
  const lengths = w.map((point, i) => Math.hypot(...point.map((x, j) => x - before[i][j])));
  expectClose(
    lengths.map((length) => length / Math.SQRT2),
    sizes,
  );
  expect(statePerParameter).toBe(1 + 1 / 4);
});

/** Steps on a constant gradient of singular values `size`, `size`: each is lr n / v times the identity. */
const steps = async (values: Parameters<typeof adago>[0], size: number) => {
  const loss = lossWithGradient(() => constant([size, 0, 0, size]));
  const zero = { W: { shape: [2, 2], values: [0, 0, 0, 0], role: 'matrix' } } as const;
  const { w } = await trajectory(adago({ orthogonalize: 'exact', momentum: 0, ...values }), {
    w0: zero,
    loss,
    steps: 3,
  });
  return w.map(([x], i) => (i === 0 ? 0 : w[i - 1][0]) - x);
};

test('the step size is lr n / v with n capped by gamma: 1 / sqrt(t), whatever the gradient', async () => {
  const expected = [1, 2, 3].map((t) => 0.1 / Math.sqrt(t));
  expectClose(await steps({ lr: 0.1, v0: 1e-9 }, 2), expected);
  expectClose(await steps({ lr: 0.1, v0: 1e-9, gamma: 0.5 }, 1e5), expected);
});

test('and never below the floor', async () => {
  expectClose(await steps({ lr: 0.1, v0: 1e3, floor: 0.03 }, 1), [0.03, 0.03, 0.03]);
});

test('the scale of the momentum does not show: with it bias-corrected or not, Orth(m) is one', async () => {
  const one = await trajectory(adago({ orthogonalize: 'exact', v0: 1e-12 }), { ...setup, steps: 1 });
  const other = await trajectory(adago({ orthogonalize: 'exact', v0: 1e-12, momentum: 0 }), { ...setup, steps: 1 });
  expectClose(one.w, other.w, { relative: 1e-12 });
});

test('vanishing gradients and v: nothing breaks, steps are the floor along nothing', async () => {
  const { w } = await trajectory(adago({ v0: 1e-200 }), { ...setup, loss: ({ w: x }) => x.flat.mul(0).sum() });
  expect(w[2]).toEqual([...asMatrix.W.values]);
});

test('settles under a constant lr over a range of ten, where Muon with the same lr goes on oscillating', async () => {
  const gaussian = (shape: readonly number[], stream: string) => {
    const values = new Float64Array(shape[0] * shape[1]);
    fillRandom(values, 'normal', { seed: 4, stream, step: 0 });
    return constant([...values], { shape, dtype: 'float64' });
  };
  // |A X B - C|^2 / 2 from X = 0. The paper's claim on 2000 steps, cut to what a test may cost.
  const [A, B, C] = [gaussian([10, 8], 'A'), gaussian([6, 9], 'B'), gaussian([10, 9], 'C')];
  const residual = (X: Tensor) => A.matmul(X).matmul(B).sub(C);
  const start = { X: { shape: [8, 6], values: Array(48).fill(0), role: 'matrix' } } as const;
  const gradientNorm = (x: readonly number[]) => {
    const R = residual(constant([...x], { shape: [8, 6], dtype: 'float64' }));
    const gradient = A.matmul(R, { transposeA: true }).matmul(B, { transposeB: true });
    return evaluate([gradient.norm()])[0].data[0];
  };
  const left = async (optimizer: Optimizer) => {
    const loss = ({ w }: LossPoint) => residual(w.leaves[0].cast('float64')).square().sum().mul(0.5);
    const { w } = await trajectory(optimizer, { w0: start, loss, steps: 200 });
    return gradientNorm(w[199]) / gradientNorm(start.X.values);
  };
  for (const lr of [0.05, 0.5]) {
    const free = { gamma: 1e9, floor: 1e-12 };
    expect(await left(adago({ lr, orthogonalize: 'exact', ...free }))).toBeLessThan(0.1);
    expect(await left(muon({ lr, orthogonalize: 'exact', scale: 'none', nesterov: false }))).toBeGreaterThan(0.2);
  }
});
