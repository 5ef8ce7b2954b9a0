import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { yogi } from './yogi.ts';

describe('yogi', () => {
  test.each([
    [
      'paper',
      { biasCorrection: false },
      commonLoss,
      '0.70130709576, -1.69266826007, 2.68973152317, 0.362589328362 | 0.31827604055, -1.28852068556, 2.27951976427, 0.0498393686771 | -0.0533890709781, -0.845510745765, 1.81942356611, -0.365561655633',
    ],
    [
      'Optax',
      { initM: 1e-6 },
      commonLoss,
      '0.900340463235, -1.90013160269, 2.90007766053, 0.428422017117 | 0.802577296213, -1.80165638444, 2.80139837489, 0.348928502653 | 0.707820369047, -1.70508457918, 2.70432351661, 0.261741151623',
    ],
    [
      'Optax, beta2 0.9',
      { initM: 1e-6, beta2: 0.9 },
      flippingLoss,
      '1.09969276334, -1.90017398364, 2.9000313553, 0.599898542964 | 1.19220390405, -1.80930477097, 2.80270227237, 0.695647243207 | 1.15632321617, -1.72932149071, 2.7624047243, 0.680735425527',
    ],
  ])('golden: %s', async (_, values, loss, expected) => {
    const { w, statePerParameter } = await trajectory(yogi({ lr: 0.1, ...values }), { w0, loss, steps: 3 });
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(2);
  });

  test('forgets slowly: 200 gradients of 0.01 take v from 1 to 0.99998, not to 0.82', async () => {
    const { state } = await trajectory(yogi({ initialAccumulator: 1 }), {
      w0: [0],
      loss: lossWithGradient(() => constant([0.01])),
      steps: 200,
    });
    expectClose(state[200]['state.v'], [1 - 200 * 1e-3 * 1e-4], { relative: 1e-13 });
  });

  test('zero gradients leave zero moments and parameters where they are', async () => {
    const { w } = await trajectory(yogi({ eps: 0, initialAccumulator: 0 }), {
      w0: [0, 1],
      loss: ({ w }) => w.flat.mul(0).sum(),
      steps: 2,
    });
    expect(w[1]).toEqual([0, 1]);
  });
});
