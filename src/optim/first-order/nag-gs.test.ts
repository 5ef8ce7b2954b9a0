import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { nagGs } from './nag-gs.ts';
import { sgd } from './sgd.ts';

const setup = { w0, loss: commonLoss, steps: 4 };
const values = { lr: 0.1, mu: 1, gamma: 1.5 };

describe('nag-gs', () => {
  test.each([
    [
      'the paper, and the JAX code',
      false,
      '[1, -2, 3, 0.5] | [0.997319384115, -1.99463876823, 2.99195815234, 0.497564568803] | [0.992642484003, -1.98528496801, 2.97792745201, 0.491623246788] | [0.986023935522, -1.97204787104, 2.95807180657, 0.483462992054]',
    ],
    [
      'constant gamma, the PyTorch code',
      true,
      '[0.996852100963, -1.99370420193, 2.99055630289, 0.499807505241] | [0.991573713335, -1.98314742667, 2.97472114001, 0.497277751257] | [0.984820612476, -1.96964122495, 2.95446183743, 0.491459007099] | [0.97663873138, -1.95327746276, 2.92991619414, 0.483618106101]',
    ],
  ])('golden: %s', async (_, constantGamma, expected) => {
    expectClose((await trajectory(nagGs({ ...values, constantGamma }), setup)).w, golden(expected));
  });

  test('with gamma = mu both are one method, but for the first step', async () => {
    const equal = { lr: 0.1, mu: 0.7, gamma: 0.7 };
    const { state } = await trajectory(nagGs(equal), setup);
    for (const { 'state.gamma': gamma } of state) expectClose(gamma, [0.7], { relative: 1e-14 });
  });

  test('keeps one float and gamma; one float alone with a constant gamma', async () => {
    expect((await trajectory(nagGs(), setup)).statePerParameter).toBe(1.25);
    expect((await trajectory(nagGs({ constantGamma: true }), setup)).statePerParameter).toBe(1);
  });

  const curvature = [1, 3, 10, 30, 100];
  const quadratic = ({ w }: LossPoint) => w.flat.square().mul(constant(curvature)).sum().mul(0.5);
  const run = (optimizer: ReturnType<typeof nagGs>, steps: number) =>
    trajectory(optimizer, { w0: curvature.map(() => 1), loss: quadratic, steps });
  const best = (2 + Math.sqrt(400)) / 99;
  const size = (row: readonly number[]) => Math.hypot(...row);

  test('at the best step size it needs less than a fifth of the steps of gradient descent at its best', async () => {
    const reached = async (optimizer: ReturnType<typeof nagGs>, steps: number) =>
      (await run(optimizer, steps)).w.findIndex((row) => size(row) < 1e-6 * size([1, 1, 1, 1, 1]));
    const ours = await reached(nagGs({ lr: best }), 150);
    const descent = await reached(sgd({ lr: 2 / 101 }), 800);
    expect(ours).toBeGreaterThan(0);
    expect(descent).toBeGreaterThan(5 * ours);
  });

  test('a step size 5% beyond the best one diverges', async () => {
    const { w } = await run(nagGs({ lr: 1.05 * best }), 300);
    expect(size(w[299])).toBeGreaterThan(1e3);
  });
});
