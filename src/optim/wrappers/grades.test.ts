import { describe, expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { asMatrix, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { scheduleFreeSgd } from '../averaging/schedule-free-sgd.ts';
import { sgd } from '../first-order/sgd.ts';
import { grades } from './grades.ts';

const two = { A: asMatrix.W, B: asMatrix.W, b: { shape: [1], values: [1], role: 'bias' } } as const;
/** Gradients A and 0.1 B. */
const loss = ({ w }: LossPoint) =>
  w.leaf('A').square().sum().mul(0.5).add(w.leaf('B').square().sum().mul(0.05)).add(w.leaf('b').sum());
const setup = { w0: two, loss, steps: 10 };
const share = (w: readonly number[], offset: number) => [0, 1, 2, 3].map((i) => w[offset + i] / w0[i]);

describe('grades', () => {
  test('golden: the matrix with the smaller gradient freezes at the end of the grace period, the other one step later', async () => {
    const { w, state } = await trajectory(grades(sgd({ lr: 0.1 }), { freezeBelow: 5 }), setup);
    expect(state.map((now) => now['state.own.frozen'])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
      ...Array(7).fill([1, 1]),
    ]);
    for (const now of w.slice(3)) {
      expectClose(share(now, 0), Array(4).fill(0.6561), { relative: 1e-12 });
      expectClose(share(now, 4), Array(4).fill(0.970299), { relative: 1e-12 });
    }
    // Other tensors train on.
    expectClose([w[9][8]], [0], { absolute: 1e-12 });
  });

  test('neither momentum nor decay moves a frozen matrix', async () => {
    const { w } = await trajectory(
      grades(adamw({ lr: 0.1, weightDecay: 0.5 }), { freezeBelow: 1e9, grace: 0.2 }),
      setup,
    );
    for (const now of w.slice(2)) expect(now.slice(0, 8)).toEqual(w[1].slice(0, 8));
  });

  test('nothing freezes at threshold 0: the base alone', async () => {
    const { w } = await trajectory(grades(sgd({ lr: 0.1 }), { freezeBelow: 0 }), setup);
    expect(w).toEqual((await trajectory(sgd({ lr: 0.1 }), setup)).w);
  });

  test.each([
    ['gradient', 3],
    ['gradient-change', 3],
    ['weight-change', 4],
  ] as const)('%s: the first step that can freeze is %i', async (freezeMetric, first) => {
    const { state } = await trajectory(grades(sgd({ lr: 0.1 }), { freezeBelow: 1e9, freezeMetric }), setup);
    const when = state.findIndex((now) => now['state.own.frozen'][0] === 1);
    expect(when).toBe(first);
    const early = await trajectory(grades(sgd({ lr: 0.1 }), { freezeBelow: 1e9, freezeMetric, grace: 0 }), setup);
    expect(early.state.findIndex((now) => now['state.own.frozen'][0] === 1)).toBe({ gradient: 1, 'gradient-change': 2, 'weight-change': 1 }[freezeMetric]); // biome-ignore format: one line
  });

  test('what is measured: changes of gradients and weights, sums and means', async () => {
    // A shrinks by 0.9 in each step, |W0| = 6.5: sum |g| = 6.5 0.9^(t-1), its change a tenth of the one before, that of the weights 0.1 |g|.
    const frozenAt = async (values: Parameters<typeof grades>[1]) => {
      const { state } = await trajectory(grades(sgd({ lr: 0.1 }), { grace: 0, ...values }), setup);
      return state.findIndex((now) => now['state.own.frozen'][0] === 1);
    };
    expect(await frozenAt({ freezeBelow: 6.5 * 0.9 ** 3 * 1.01 })).toBe(4);
    expect(await frozenAt({ freezeBelow: (6.5 * 0.9 ** 3 * 1.01) / 4, freezeNorm: 'mean' })).toBe(4);
    expect(await frozenAt({ freezeBelow: 0.65 * 0.9 ** 3 * 1.01, freezeMetric: 'gradient-change' })).toBe(5);
    expect(await frozenAt({ freezeBelow: 0.65 * 0.9 ** 3 * 1.01, freezeMetric: 'weight-change' })).toBe(4);
  });

  test('keeps one number for a matrix; changes of gradients need the gradient before', async () => {
    const floats = async (values: Parameters<typeof grades>[1]) =>
      (await trajectory(grades(sgd(), values), { ...setup, steps: 1 })).statePerParameter * 9;
    expect(await floats({})).toBe(2);
    expect(await floats({ freezeMetric: 'weight-change' })).toBe(2);
    expect(await floats({ freezeMetric: 'gradient-change' })).toBe(2 + 8);
  });

  test('asks for no gradient that the base did not ask for, and leaves models without matrices alone', async () => {
    expect((await trajectory(grades(sgd()), setup)).calls[9].gradient).toBe(1);
    const vector = { w0, loss: ({ w }: LossPoint) => w.flat.square().sum(), steps: 2 };
    expect((await trajectory(grades(sgd(), { grace: 0 }), vector)).w).toEqual((await trajectory(sgd(), vector)).w);
  });

  test('frozen matrices are evaluated where they are, though the base goes on averaging', async () => {
    const base = scheduleFreeSgd({ lr: 0.1 });
    const { w, evaluation } = await trajectory(grades(base, { freezeBelow: 5 }), setup);
    expect(evaluation[9].slice(0, 8)).toEqual(w[9].slice(0, 8));
    expect(w[9].slice(4, 8)).toEqual(w[2].slice(4, 8));
    const plain = await trajectory(base, setup);
    expectClose(evaluation[9].slice(8), plain.evaluation[9].slice(8), { relative: 1e-12 });
    expectClose(evaluation[1], plain.evaluation[1], { relative: 1e-12 });
  });
});
