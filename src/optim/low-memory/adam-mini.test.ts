import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type Start, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { adamw } from '../adaptive/adamw.ts';
import { adamMini } from './adam-mini.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
const one = (role: Start['role'], name = 'W', shape: readonly number[] = [2, 2]) => ({
  ...setup,
  w0: { [name]: { shape, values: w0, role } as Start },
});

describe('adam-mini', () => {
  test.each([
    [
      'rows',
      {},
      '0.936754447519, -1.87350889504, 2.85860801493, 0.497117949059 | 0.874459083695, -1.74891816739, 2.72172044927, 0.475340382212 | 0.813512720818, -1.62702544164, 2.59129436178, 0.437690907371',
    ],
    [
      'whole tensors',
      { partition: 'tensor' },
      '0.946554889158, -1.89310977832, 2.83966466747, 0.496731819023 | 0.894502390468, -1.78900478094, 2.6835071714, 0.4718150709 | 0.844470868415, -1.68894173683, 2.53341260524, 0.428233098863',
    ],
  ] as const)('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(adamMini({ lr: 0.1, ...values }), setup)).w, golden(expected));
  });

  test('keeps one float for a parameter and one for a block', async () => {
    const floats = async (values: Parameters<typeof adamMini>[0], given: typeof setup | ReturnType<typeof one>) =>
      (await trajectory(adamMini(values), { ...given, steps: 1 })).statePerParameter * 4 - 4;
    expect(await floats({}, setup)).toBe(2);
    expect(await floats({ partition: 'tensor' }, setup)).toBe(1);
    expect(await floats({}, one('bias', 'b', [4]))).toBe(4);
    expect(await floats({}, one('gain', 'g', [4]))).toBe(1);
    expect(await floats({}, one('kernel', 'K', [2, 1, 2, 1]))).toBe(2);
    expect(await floats({}, one('head', 'head', [4, 1]))).toBe(4);
    expect(await floats({ heads: 2 }, one('matrix', 'attention.q_proj.weight', [4, 1]))).toBe(2);
    expect(await floats({ heads: 2 }, one('matrix', 'attention.out.weight', [4, 1]))).toBe(4);
  });

  test('rows of one element, biases, and on demand output layers are Adam; decay is decoupled', async () => {
    const values = { lr: 0.1, beta1: 0.8, beta2: 0.9, weightDecay: 0.1 };
    const column = one('matrix', 'W', [4, 1]);
    const expected = (await trajectory(adamw(values), column)).w;
    expectClose((await trajectory(adamMini(values), column)).w, expected, { relative: 1e-14 });
    const head = await trajectory(adamMini({ ...values, embeddings: 'element' }), one('head'));
    expectClose(head.w, expected, { relative: 1e-14 });
    const bias = one('bias', 'b', [4]);
    const undecayed = (await trajectory(adam({ ...values, weightDecay: 0 }), bias)).w;
    expectClose((await trajectory(adamMini(values), bias)).w, undecayed, { relative: 1e-14 });
  });

  test('heads that do not part the rows are refused', async () => {
    const three = one('matrix', 'attention.q_proj.weight');
    await expect(trajectory(adamMini({ heads: 3 }), three)).rejects.toThrow(
      "adam-mini: heads is 3; it must part the 2 rows of 'attention.q_proj.weight' into 3 blocks",
    );
  });

  test('zero gradients, scalars and extreme scales give finite numbers', async () => {
    const scalar = { s: { shape: [], values: [2] } };
    for (const scale of [0, 1e30, 1e-30]) {
      for (const start of [asMatrix, scalar]) {
        const loss =
          start === asMatrix ? commonLoss : ({ w }: Parameters<typeof commonLoss>[0]) => w.flat.square().sum();
        const { w } = await trajectory(adamMini(), { w0: start, steps: 2, loss: (point) => loss(point).mul(scale) });
        expect(w.flat().every(Number.isFinite)).toBe(true);
      }
    }
  });
});
