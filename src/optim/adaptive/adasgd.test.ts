import { describe, expect, test } from 'vitest';
import { Bundle } from '../../tensor/bundle.ts';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { adasgd } from './adasgd.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const R = [
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 1, -1, -1],
  [1, -1, -1, 1],
].map((row) => row.map((x) => x / 2));
// R is symmetric, so it is its own inverse.
const turn = (u: readonly number[]): number[] => R.map((row) => row.reduce((sum, x, i) => sum + x * u[i], 0));
/** The common loss at w = R u. */
const turnedLoss = ({ w, ...point }: LossPoint) => {
  const turned = constant(R, { dtype: 'float64' })
    .matmul(w.flat.cast('float64').reshape([4, 1]))
    .reshape([4]);
  return commonLoss({ ...point, w: Bundle.fromFlat(w.layout, turned) });
};
const turnedSetup = { ...setup, w0: turn(w0), loss: turnedLoss };

const expected = golden(
  '0.946554889158,-1.89310977832,2.83966466747,0.496731819023 | 0.894502390468,-1.78900478094,2.6835071714,0.4718150709 | 0.844470868415,-1.68894173683,2.53341260524,0.428233098863',
);

describe('adasgd', () => {
  test('golden', async () => {
    expectClose((await trajectory(adasgd({ lr: 0.1 }), setup)).w, expected);
  });

  test("golden: rotated coordinates do not change it, but do change Adam's path", async () => {
    const ours = await trajectory(adasgd({ lr: 0.1 }), turnedSetup);
    expectClose(ours.w.map(turn), expected);
    const theirs = await trajectory(adam({ lr: 0.1 }), turnedSetup);
    const rotated =
      '0.900000030252,-1.90000002939,2.89999997211,0.400000030533 | 0.810684276751,-1.81095498052,2.79194892605,0.308068909919 | 0.719642481054,-1.72053288392,2.68943334586,0.210753708909';
    expectClose(theirs.w.map(turn), golden(rotated));
  });

  test('with one parameter it is Adam', async () => {
    const given = { w0: [2], loss: ({ w, t }: LossPoint) => w.flat.sum().square().mul(t.cos().add(2)), steps: 20 };
    const ours = await trajectory(adasgd({ lr: 0.1 }), given);
    const theirs = await trajectory(adam({ lr: 0.1 }), given);
    expectClose(ours.w, theirs.w, { relative: 1e-12 });
  });

  test('decay shrinks w first, by lr times it', async () => {
    const plain = await trajectory(adasgd({ lr: 0.1 }), { ...setup, steps: 1 });
    const { w } = await trajectory(adasgd({ lr: 0.1, weightDecay: 0.5 }), { ...setup, steps: 1 });
    expectClose(
      w[0],
      plain.w[0].map((x, i) => x - 0.05 * w0[i]),
    );
  });

  test('keeps one float and a number', async () => {
    expect((await trajectory(adasgd(), setup)).statePerParameter).toBe(1.25);
  });
});
