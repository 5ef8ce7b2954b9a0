import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, lossWithGradient, trajectory } from '../../testing/trajectory.ts';
import { psgdKron } from './psgd-kron.ts';

const V = [1, -1, 0.5, 2];
const setup = { w0: asMatrix, loss: commonLoss, steps: 3, random: () => V };
const plain = { lr: 0.1, damping: 0, updateDecay: 0, balance: 0 };

describe('psgd-kron', () => {
  test('golden', async () => {
    const { w, state, statePerParameter, calls } = await trajectory(psgdKron(plain), setup);
    const expected =
      '0.953282784671, -1.87431724299, 2.83807534074, 0.49037877986 | 0.916117824971, -1.74652293869, 2.69426616394, 0.449488162241 | 0.884066758194, -1.6159276727, 2.56305963556, 0.379889197728';
    expectClose(w, golden(expected));
    expectClose(state[3]['state.factors.0.left'], [1.03138994791, -0.078374583133, 0, 1.06701454596]);
    expectClose(state[3]['state.factors.0.right'], [0.944383720177, 0.00515873695264, 0, 1.17360554611]);
    expect(statePerParameter).toBe(1 + (4 + 4) / 4);
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
  });

  test('the first updates come at every step, later ones when the reciprocal of the rate has passed', async () => {
    // Rates exp(-(t - 1 - 2) ln 2): 1 until t = 3, then 1/2 at t = 4, 1/4 at 5, the floor 1/4 from there.
    const { state } = await trajectory(
      psgdKron({ balance: 0, updateDecay: Math.LN2, updateFlat: 2, updateFloor: 0.25 }),
      {
        ...setup,
        steps: 12,
      },
    );
    const factors = state.map((one) => one['state.factors.0.left'].join());
    const updates = factors.flatMap((factor, t) => (t > 0 && factor !== factors[t - 1] ? [t] : []));
    expect(updates).toEqual([1, 2, 3, 7, 11]);
  });

  test('balancing keeps the product of the factors and makes their largest entries equal', async () => {
    const random = (_: number, i: number) => (i === 0 ? V : [0.5]);
    const options = { ...setup, random };
    const unbalanced = await trajectory(psgdKron(plain), options);
    const balanced = await trajectory(psgdKron({ ...plain, balance: 0.6 }), options);
    expectClose(balanced.w, unbalanced.w, { relative: 1e-12 });
    // Balanced at the beginning of step 3, then updated by the same relative step.
    const left = (run: typeof balanced) => run.state[3]['state.factors.0.left'];
    const ratio = left(balanced)[0] / left(unbalanced)[0];
    const largest = ['left', 'right'].map((side) =>
      Math.max(...unbalanced.state[2][`state.factors.0.${side}`].map(Math.abs)),
    );
    expectClose([ratio], [Math.sqrt(largest[1] / largest[0])], { relative: 1e-12 });
    // The uniform number 0.5 is not below 0.4.
    expect((await trajectory(psgdKron({ ...plain, balance: 0.4 }), options)).state).toEqual(unbalanced.state);
  });

  test('memory: which factors are diagonal', async () => {
    const tensors = {
      W: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6], role: 'matrix' },
      S: { shape: [2, 2], values: [1, 2, 3, 4], role: 'matrix' },
      row: { shape: [1, 3], values: [1, 2, 3], role: 'matrix' },
      b: { shape: [3], values: [1, 2, 3], role: 'bias' },
      s: { shape: [], values: [1] },
    } as const;
    const sizes = async (values: Parameters<typeof psgdKron>[0]) => {
      const { state, loss } = await trajectory(psgdKron({ lr: 0.1, ...values }), {
        w0: tensors,
        loss: ({ w }) => w.flat.square().sum(),
        steps: 3,
      });
      expect(loss[2]).toBeLessThan(loss[0]);
      return Object.entries(state[0]).flatMap(([name, { length }]) => (name.includes('factors') ? [length] : []));
    };
    expect(await sizes({})).toEqual([4, 9, 4, 4, 1, 9, 3, 1]);
    expect(await sizes({ memory: 'one-diagonal' })).toEqual([4, 3, 4, 2, 1, 3, 3, 1]);
    expect(await sizes({ memory: 'smart-one-diagonal' })).toEqual([4, 3, 4, 4, 1, 3, 3, 1]);
    expect(await sizes({ memory: 'all-diagonal' })).toEqual([2, 3, 2, 2, 1, 3, 3, 1]);
    expect(await sizes({ maxSide: 2 })).toEqual([4, 3, 4, 4, 1, 3, 3, 1]);
  });

  test('no update is longer than a root mean square of 1.1 times lr', async () => {
    const { w } = await trajectory(psgdKron({ lr: 1, balance: 0 }), {
      ...setup,
      loss: lossWithGradient(() => constant([1e6, -1e6, 1e6, 1e6])),
      steps: 1,
    });
    const moved = w[0].map((x, i) => x - asMatrix.W.values[i]);
    expectClose([Math.sqrt(moved.reduce((sum, x) => sum + x * x, 0) / 4)], [1.1], { relative: 1e-6 });
  });

  test('refuses updates that would end', () => {
    expect(() => psgdKron({ updateFloor: 0 })).toThrow('psgd-kron: updateFloor is 0 while updateDecay is not');
    expect(() => psgdKron({ fitRate: 0 })).toThrow('psgd-kron: fitRate is 0; it must lie in (0, inf)');
  });
});
