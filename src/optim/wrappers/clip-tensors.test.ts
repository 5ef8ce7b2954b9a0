import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { clipAgc, clipByRms, clipByTensor } from './clip-tensors.ts';

const pairs = {
  a: { shape: [2], values: w0.slice(0, 2) },
  b: { shape: [2], values: w0.slice(2) },
};
const setup = { w0: pairs, loss: commonLoss, steps: 3 };
const base = sgd({ lr: 0.1 });

describe('clip-tensor', () => {
  const expected = golden(
    '0.977639320225, -1.95527864045, 2.95001038385, 0.498981041109 | 0.95527864045, -1.9105572809, 2.90222656001, 0.484260097561 | 0.932917960675, -1.86583592135, 2.85846972249, 0.460066313853',
  );
  test('golden: each tensor to 0.5', async () => {
    expectClose((await trajectory(clipByTensor(base, { maxTensorNorm: 0.5 }), setup)).w, expected);
  });
  test.each(['uniform', 'proportional'] as const)('golden: %s shares of sqrt(1 / 2)', async (clipShare) => {
    const { w } = await trajectory(clipByTensor(base, { maxTensorNorm: Math.SQRT1_2, clipShare }), setup);
    expectClose(w, expected);
  });
  test('proportional shares follow the sizes; the whole is as long as the bound', async () => {
    const starts = { a: { shape: [3], values: [0, 0, 0] }, b: { shape: [], values: [0] } };
    const loss = lossWithGradient(() => constant([30, 0, 40, -7]));
    const { w } = await trajectory(clipByTensor(sgd({ lr: 1 }), { maxTensorNorm: 2, clipShare: 'proportional' }), {
      w0: starts,
      loss,
      steps: 1,
    });
    expectClose(w[0], [-0.6 * Math.sqrt(3), 0, -0.8 * Math.sqrt(3), 1]);
  });
});

describe('clip-rms', () => {
  test('a tensor above the bound is scaled to it, one below and a zero one pass', async () => {
    const starts = {
      a: { shape: [2], values: [0, 0] },
      b: { shape: [2], values: [0, 0] },
      c: { shape: [], values: [0] },
    };
    const loss = lossWithGradient(() => constant([3, 4, 0.125, 0.25, 0]));
    const { w } = await trajectory(clipByRms(sgd({ lr: 1 }), { maxRms: 0.5 }), { w0: starts, loss, steps: 1 });
    // rms(3, 4) = sqrt(12.5).
    expectClose(w[0], [-1.5 / Math.sqrt(12.5), -2 / Math.sqrt(12.5), -0.125, -0.25, 0]);
  });
});

describe('clip-agc', () => {
  const rows = { w0: asMatrix, loss: commonLoss, steps: 3 };
  test('golden: lambda 0.1', async () => {
    const expected =
      '0.99, -1.98, 2.9695925036, 0.499380191504 | 0.9801, -1.9602, 2.94079759525, 0.490568876355 | 0.970299, -1.940598, 2.91463539198, 0.476270836208';
    expectClose((await trajectory(clipAgc(base, { agcRatio: 0.1 }), rows)).w, golden(expected));
  });
  test('golden: lambda 0.01', async () => {
    const { w } = await trajectory(clipAgc(base), rows);
    expectClose(w[0], [0.999, -1.998, 2.99695925036, 0.49993801915]);
  });
  test('no unit moves further than its share, whatever the scale of the loss; the head is left alone', async () => {
    const starts = {
      K: { shape: [2, 1, 1, 2], values: [...w0], role: 'kernel' as const },
      head: { shape: [1, 2], values: [1, 1], role: 'head' as const },
      b: { shape: [2], values: [0, 0], role: 'bias' as const },
      s: { shape: [], values: [2] },
    };
    const loss = ({ w }: LossPoint) => w.flat.add(1).square().sum().mul(1e6);
    const agc = clipAgc(sgd({ lr: 1 }), { agcRatio: 0.1 });
    const { w } = await trajectory(agc, { w0: starts, loss, steps: 1 });
    const scaled = await trajectory(agc, { w0: starts, loss: (point) => loss(point).mul(1e6), steps: 1 });
    const moved = w[0].map((x, i) => [...w0, 1, 1, 0, 0, 2][i] - x);
    const share = (...at: number[]) => Math.hypot(...at.map((i) => moved[i]));
    expectClose(
      [share(0, 1), share(2, 3), share(6, 7), share(8)],
      [0.1 * Math.sqrt(5), 0.1 * Math.hypot(3, 0.5), 1e-4, 0.2],
    );
    expect(moved.slice(4, 6)).toEqual([4e6, 4e6]);
    expectClose(
      scaled.w[0].filter((_, i) => i !== 4 && i !== 5),
      w[0].filter((_, i) => i !== 4 && i !== 5),
      {
        relative: 1e-12,
      },
    );
    const all = await trajectory(clipAgc(sgd({ lr: 1 }), { agcRatio: 0.1, clipHead: true }), {
      w0: starts,
      loss,
      steps: 1,
    });
    expectClose(all.w[0].slice(4, 6), [0.9, 0.9]);
  });

  test('a kernel [out, in, k] has one unit for each output', async () => {
    const values = [3, 0, 0, 4, 0, 1, 0, 0];
    const kernel = { K: { shape: [2, 2, 2], values, role: 'kernel' as const } };
    const loss = lossWithGradient(() => constant([1, 1, 1, 1, 2, 0, 0, 0]));
    const { w } = await trajectory(clipAgc(sgd({ lr: 1 }), { agcRatio: 0.1 }), { w0: kernel, loss, steps: 1 });
    expectClose(
      w[0].map((x, i) => values[i] - x),
      [0.25, 0.25, 0.25, 0.25, 0.1, 0, 0, 0],
    );
  });
});
