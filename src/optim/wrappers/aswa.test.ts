import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { following, R } from '../../testing/following.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { aswa, naswa } from './aswa.ts';

describe('aswa', () => {
  test('golden: the mean of w1 to w4', async () => {
    const { evaluation } = await trajectory(aswa(sgd({ lr: 0.1 })), { w0, loss: commonLoss, steps: 4 });
    expectClose(evaluation[3], golden('0.885512147059, -1.77102429412, 2.65653644118, 0.422880318015'));
  });

  test('the mean takes the place of the weights after an epoch, and goes on or begins anew', async () => {
    const setup = { w0: [0], loss: following([[1], [3], [5], [7]]), steps: 4 };
    const on = await trajectory(aswa(sgd({ lr: 1 }), { aswaEvery: 2 }), setup);
    expectClose(on.w, [[1], [2], [5], [4]]);
    expectClose(on.evaluation, [[1], [2], [3], [4]]);
    const anew = await trajectory(aswa(sgd({ lr: 1 }), { aswaEvery: 2, aswaRestart: true }), setup);
    expectClose(anew.w, [[1], [2], [5], [6]]);
    expectClose(anew.evaluation, [[1], [2], [5], [6]]);
  });

  test("the authors' exchange of weights and mean would spoil the mean; we keep it", async () => {
    const setup = { w0: [0], loss: following([[1], [3], [5]]), steps: 3 };
    const { evaluation } = await trajectory(aswa(sgd({ lr: 1 }), { aswaEvery: 2 }), setup);
    const [raw, n, next] = [3, 2, 5];
    expectClose(evaluation[2], [(1 + 3 + 5) / 3]);
    expect(evaluation[2][0]).not.toBeCloseTo((n * raw + next) / (n + 1));
  });
});

describe('naswa', () => {
  test('golden: which iterates are folded in, and their mean', async () => {
    const points = [1, 2, 4, 3, 3, 6, 5, 8].map((i) => R[i - 1]);
    const { state, evaluation } = await trajectory(naswa(sgd({ lr: 1 })), { w0, loss: following(points), steps: 8 });
    const counts = state.slice(1).map((one) => one['state.own.average.count'][0]);
    expect(counts.slice(1).map((n, i) => n - counts[i])).toEqual([1, 1, 0, 0, 1, 0, 1]);
    expect(counts.at(-1)).toBe(5);
    expectClose(evaluation[7], golden('0.814194761286, -1.62838952257, 2.44258428386, 0.402187669577'));
  });

  test('after an epoch the weights are the mean, and distances are forgotten', async () => {
    const setup = { w0: [0], loss: following([[1], [9], [5.5], [5.4]]), steps: 4 };
    const { w, evaluation } = await trajectory(naswa(sgd({ lr: 1 }), { naswaEvery: 2 }), setup);
    expectClose(w, [[1], [5], [5.5], [(1 + 9 + 5.5) / 3]]);
    expectClose(evaluation[2], [(1 + 9 + 5.5) / 3]);
  });

  test('distance is over all parameters together', async () => {
    const two = { A: { shape: [1], values: [0] }, B: { shape: [1], values: [0] } };
    // The third is 2 from the mean in A alone, less than the 3 before it, and 3.5 in both.
    const points = [[0, 0], [3, 0], [3.5, 2.9]]; // biome-ignore format: one line
    const { evaluation } = await trajectory(naswa(sgd({ lr: 1 })), { w0: two, loss: following(points), steps: 3 });
    expectClose(evaluation[2], [6.5 / 3, 2.9 / 3]);
  });

  test('a run that stands still folds in one iterate', async () => {
    const { state } = await trajectory(naswa(sgd({ lr: 1 })), { w0: [2], loss: following([[2], [2], [2]]), steps: 3 });
    expect(state[3]['state.own.average.count']).toEqual([1]);
    expect(state[3]['state.own.distances.count']).toEqual([0]);
  });
});
