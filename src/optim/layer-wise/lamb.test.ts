import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { adamw } from '../adaptive/adamw.ts';
import { getOptimizer } from '../registry.ts';
import { lamb } from './lamb.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
const norm = (x: readonly number[]) => Math.hypot(...x);
const lengths = (w: readonly (readonly number[])[]) =>
  w.slice(1).map((after, i) => norm(after.map((x, j) => x - w[i][j])) / norm(w[i]));

describe('lamb', () => {
  test('golden', async () => {
    const { w, statePerParameter } = await trajectory(lamb({ lr: 0.1 }), setup);
    const expected =
      '0.81242214513, -1.81056476772, 2.80870750205, 0.313355896531 | 0.635612535153, -1.62965088979, 2.62537762688, 0.16621402566 | 0.48151439214, -1.46682800445, 2.45916318153, 0.018176092948';
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(2);
  });

  test('every step has the length lr |w|, decay included, with bias correction or without', async () => {
    for (const biasCorrection of [true, false]) {
      const { w } = await trajectory(lamb({ lr: 0.1, weightDecay: 0.5, biasCorrection }), { ...setup, steps: 5 });
      expectClose(lengths([w0, ...w]), Array(5).fill(0.1), { relative: 1e-12 });
    }
  });

  test('phiMax holds long weights to its length; decay outside comes on top', async () => {
    const { w } = await trajectory(lamb({ lr: 0.1, weightDecay: 0, phiMax: 1 }), setup);
    expectClose([norm(w[0].map((x, i) => x - w0[i]))], [0.1], { relative: 1e-12 });
    const outside = await trajectory(lamb({ lr: 0.1, weightDecay: 0.5, decay: 'outside', phiMax: 1 }), setup);
    expectClose(
      outside.w[0].map((x, i) => x - 0.95 * w0[i]),
      w[0].map((x, i) => x - w0[i]),
      { relative: 1e-12 },
    );
  });

  test('biases and gains take plain Adam', async () => {
    const start = { b: { shape: [4], values: w0, role: 'bias' } } as const;
    const ours = await trajectory(lamb({ lr: 0.1 }), { ...setup, w0: start });
    const plain = await trajectory(adam({ lr: 0.1, eps: 1e-6 }), { ...setup, w0: start });
    expectClose(ours.w, plain.w, { relative: 1e-14 });
  });

  test('the scale of the loss does not matter with eps 0, that of clip(lamb) not while it clips', async () => {
    const scaled = (point: LossPoint) => commonLoss(point).mul(1000);
    const values = { lr: 0.1, eps: 0 };
    const plain = await trajectory(lamb(values), setup);
    expectClose((await trajectory(lamb(values), { ...setup, loss: scaled })).w, plain.w, { relative: 1e-12 });
    const clipped = getOptimizer('clip(lamb)', { lr: 0.1, maxNorm: 0.1 });
    if (clipped.kind === 'driven') throw new Error('clip(lamb) is no driven method');
    const once = await trajectory(clipped, setup);
    expectClose((await trajectory(clipped, { ...setup, loss: scaled })).w, once.w, { relative: 1e-12 });
  });

  test('a ratio of one is AdamW: where the weights are 0', async () => {
    const start = { W: { shape: [2, 2], values: [0, 0, 0, 0], role: 'matrix' } } as const;
    const ours = await trajectory(lamb({ lr: 0.1 }), { ...setup, w0: start, steps: 1 });
    const plain = await trajectory(adamw({ lr: 0.1, eps: 1e-6 }), { ...setup, w0: start, steps: 1 });
    expectClose(ours.w, plain.w, { relative: 1e-14 });
  });

  test('zero gradients and extreme scales give finite numbers', async () => {
    for (const scale of [0, 1e30, 1e-30]) {
      const { w } = await trajectory(lamb(), { ...setup, loss: (point) => commonLoss(point).mul(scale) });
      expect(w.flat().every(Number.isFinite)).toBe(true);
    }
  });

  test('bounds that cannot hold are refused', () => {
    expect(() => lamb({ phiMin: 3, phiMax: 2 })).toThrow(
      'lamb: phiMin is 3; it must lie in [0, phiMax], phiMax being 2',
    );
  });
});
