import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { scalar } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { defineSchedule, withSchedule } from '../schedules/schedule.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { nadamw } from './nadamw.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

/** 1, 1/2, 1/4, ... */
const halving = defineSchedule({
  id: 'halving',
  summary: '',
  source: '',
  hyper: {},
  multiplier: ({ t }) => scalar(0.5, 'float64').pow(t.sub(1)),
});

describe('adamw', () => {
  test('golden: library coupling', async () => {
    const { w } = await trajectory(adamw({ lr: 0.1, weightDecay: 0.1 }), setup);
    const expected =
      '[0.890000001805,-1.8800000009,2.8700000006,0.395000029517] | [0.783125904338,-1.76266943014,2.74260683184,0.310749035758] | [0.680552057418,-1.6485725717,2.61823086296,0.220103084059]';
    expectClose(w, golden(expected));
  });

  test('golden: original coupling', async () => {
    const { w } = await trajectory(adamw({ lr: 0.1, weightDecay: 0.1, coupling: 'original' }), setup);
    const expected =
      '[0.800000001805,-1.7000000009,2.6000000006,0.350000029517] | [0.62331611356,-1.43255082546,2.24232306995,0.234337113825] | [0.470245570703,-1.19604677422,1.92412211107,0.123145039473]';
    expectClose(w, golden(expected));
  });

  test('golden: original coupling under a schedule', async () => {
    const optimizer = withSchedule(adamw({ lr: 0.1, weightDecay: 0.1, coupling: 'original' }), halving());
    const { w } = await trajectory(optimizer, setup);
    expectClose(
      w.slice(1),
      golden(
        '[0.711658057683,-1.56627541318,2.42116153528,0.292168571671] | [0.670659686028,-1.5034814118,2.3368699097,0.263033999901]',
      ),
    );
  });

  test('the couplings agree when the decay is divided by lr', async () => {
    const library = await trajectory(adamw({ lr: 0.1, weightDecay: 0.5 }), setup);
    const original = await trajectory(adamw({ lr: 0.1, weightDecay: 0.05, coupling: 'original' }), setup);
    expectClose(library.w, original.w, { relative: 1e-13 });
  });

  test('golden: with eps 0 the scales of coordinates do not matter, with L2 in the gradient they do', async () => {
    const scaled = lossWithGradient(({ w, t }) =>
      w.flat
        .mul(0.5)
        .add(constant([0.1, -0.2, 0.3, -0.4]).mul(t.cos()))
        .mul(constant([1e-3, 1, 1e3, 10])),
    );
    const values = { lr: 0.1, weightDecay: 0.1, eps: 0 };
    const { w } = await trajectory(adamw(values), { ...setup, loss: scaled });
    expectClose(w[2], [0.680552051542, -1.64857256878, 2.61823086102, 0.220103049528]);
    expectClose(w, (await trajectory(adamw(values), setup)).w, { relative: 1e-13 });
    const l2 = await trajectory(adam(values), { ...setup, loss: scaled });
    expectClose(l2.w[2], [0.70160391311, -1.70373002439, 2.70399926561, 0.231122060414]);
  });

  test('the loss times a power of two gives the same numbers bit for bit where eps is 0', async () => {
    const values = { lr: 0.1, weightDecay: 0.1, eps: 0 };
    const { w } = await trajectory(adamw(values), setup);
    const large = await trajectory(adamw(values), { ...setup, loss: (at) => commonLoss(at).mul(2 ** 7) });
    expect(large.w).toEqual(w);
  });

  test('spares biases and norm gains', async () => {
    const start = {
      W: { shape: [1, 2], values: [1, -2], role: 'matrix' },
      b: { shape: [1], values: [3], role: 'bias' },
      gain: { shape: [1], values: [0.5], role: 'gain' },
    } as const;
    const plain = await trajectory(adamw({ weightDecay: 0 }), { ...setup, w0: start, steps: 1 });
    const decayed = await trajectory(adamw({ weightDecay: 1 }), { ...setup, w0: start, steps: 1 });
    expect(decayed.w[0].map((x, i) => x === plain.w[0][i])).toEqual([false, false, true, true]);
  });

  test('refuses a coupling that does not exist', () => {
    expect(() => adamw().with({ coupling: 'torch' })).toThrow(
      'adamw: coupling is torch; it must be one of library, original',
    );
    expect(() => adamw({ beta2: 1.2 })).toThrow('adamw: beta2 is 1.2; it must lie in [0, 1)');
  });
});

test('nadamw, golden', async () => {
  const { w, statePerParameter } = await trajectory(nadamw({ lr: 0.1, weightDecay: 0.01 }), setup);
  const expected =
    '0.809000003429, -1.80800000171, 2.80700000114, 0.309500056082 | 0.680255998817, -1.6735585326, 2.67016730922, 0.162261328591 | 0.57472649628, -1.55888950024, 2.55221910284, 0.0299828815171';
  expectClose(w, golden(expected));
  expect(statePerParameter).toBe(2);
});
