import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adagrad } from './adagrad.ts';
import { adagradNorm } from './adagrad-norm.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('adagrad', () => {
  test.each([
    [
      'PyTorch',
      {},
      '0.900000000018, -1.90000000001, 2.90000000001, 0.400000000295 | 0.840665735671, -1.83838712261, 2.83766014007, 0.300424629586 | 0.798362409005, -1.79276754839, 2.79098632247, 0.217492631112',
    ],
    [
      'Optax',
      { eps: 1e-7, initialAccumulator: 0.1, epsInsideRoot: true },
      '0.913151334101, -1.90383933917, 2.90176222604, 0.489347460324 | 0.858623951281, -1.84364152618, 2.84007553931, 0.410251018877 | 0.818808411969, -1.79880660235, 2.79377056998, 0.334608261836',
    ],
  ])('golden: %s', async (_, values, expected) => {
    const { w, statePerParameter } = await trajectory(adagrad({ lr: 0.1, ...values }), setup);
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(1);
  });

  test('without eps the scale of each coordinate does not matter, and one without gradient stays', async () => {
    const scaled = (scale: readonly number[]) =>
      trajectory(adagrad({ lr: 0.1, eps: 0 }), {
        ...setup,
        loss: lossWithGradient(({ t }) => constant(scale).mul(t.cos().add(2))),
      });
    const { w } = await scaled([1, 1, 1, 0]);
    expectClose((await scaled([1e-9, 7, 1e30, 0])).w, w, { relative: 1e-13 });
    expect(w.map((row) => row[3])).toEqual([0.5, 0.5, 0.5]);
  });

  test('under a constant gradient the steps are lr / sqrt(t), over 1 + (t - 1) lrDecay', async () => {
    const { w } = await trajectory(adagrad({ lr: 0.1, lrDecay: 0.5 }), {
      w0: [0],
      loss: lossWithGradient(() => constant([3])),
      steps: 3,
    });
    const steps = [0.1, 0.1 / Math.sqrt(2) / 1.5, 0.1 / Math.sqrt(3) / 2];
    expectClose(w, [[-steps[0]], [-steps[0] - steps[1]], [-steps[0] - steps[1] - steps[2]]], { relative: 1e-9 });
  });
});

describe('adagrad-norm', () => {
  test('golden: eta 0.5, gamma 1', async () => {
    const { w, statePerParameter } = await trajectory(adagradNorm({ lr: 0.5, b0: 1 }), setup);
    expectClose(
      w,
      golden(
        '0.879654619001, -1.759309238, 2.638963857, 0.492640851919 | 0.807849693375, -1.61569938675, 2.42354908013, 0.418209317103 | 0.758006924705, -1.51601384941, 2.27402077412, 0.319300133304',
      ),
    );
    expect(statePerParameter).toBe(1 / 4);
  });

  test('golden: eta 1, b0 0.1', async () => {
    const { w, state } = await trajectory(adagradNorm({ lr: 1, b0: 0.1 }), setup);
    expectClose(
      [w[0], w[2]],
      golden(
        '0.733084742008,-1.46616948402,2.19925422602,0.4836780698 | 0.522995220945,-1.04599044189,1.56898566284,0.104225608573',
      ),
    );
    expectClose(
      state.slice(1).map((one) => one['state.squares'].map(Math.sqrt)),
      [[2.07567838105], [2.43992619524], [2.6126069189]],
    );
  });

  test('delayed: the first step is lr / b0 times the gradient, the next ones divide by the b of the step before', async () => {
    const { w, state } = await trajectory(adagradNorm({ lr: 0.5, b0: 2, delayed: true }), setup);
    const points = [w0, ...w];
    const cosines = [1, 2, 3].map(Math.cos);
    w.forEach((found, t) => {
      const b = Math.sqrt(state[t]['state.squares'][0]);
      const c = [0.1, -0.2, 0.3, -0.4];
      const step = points[t].map((x, i) => x - (0.5 / b) * (0.5 * x + c[i] * cosines[t]));
      expectClose(found, step, { relative: 1e-13 });
    });
    expect(state[0]['state.squares'][0]).toBe(4);
  });

  test('is not thrown off by any step size: finite on a quadratic where SGD with that lr diverges', async () => {
    const { w } = await trajectory(adagradNorm({ lr: 100 }), { w0, loss: ({ w }) => w.dot(w), steps: 50 });
    expect(Math.max(...w[49].map(Math.abs))).toBeLessThan(100);
  });
});
