import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, rosenbrockLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { adabelief } from './adabelief.ts';
import { adam } from './adam.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('adabelief', () => {
  test.each([
    [
      'eps 1e-16',
      { lr: 0.1 },
      '0.888888888889, -1.88888888889, 2.88888888889, 0.388888888895 | 0.774873228411, -1.77402657597, 2.77378330962, 0.298775171758 | 0.660553744949, -1.65669479127, 2.65563262017, 0.196106929931',
    ],
    [
      'eps 1e-8',
      { lr: 0.1, eps: 1e-8 },
      '0.888891125525, -1.88888944862, 2.88888913791, 0.389481704217 | 0.774878722014, -1.77402792517, 2.77378390575, 0.299382395567 | 0.660563610717, -1.65669719025, 2.65563367449, 0.196719042764',
    ],
    [
      'rectify',
      { lr: 0.1, rectify: true },
      '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.895685871028, -1.79137174206, 2.68705761309, 0.473177568518 | 0.851950682949, -1.7039013659, 2.55585204885, 0.435047821711 | 0.810446983715, -1.62089396743, 2.43134095114, 0.394077601187 | 0.768490237716, -1.53698047543, 2.30547071315, 0.361071246719 | 0.764982764751, -1.53347300247, 2.30196324018, 0.359345757557 | 0.760322656766, -1.52881238782, 2.29730245762, 0.357741530589 | 0.754661658689, -1.52314813201, 2.29163712317, 0.355543211283',
    ],
  ])('golden: %s', async (_, values, expected) => {
    const rows = golden(expected);
    const { w } = await trajectory(adabelief(values), { ...setup, steps: rows.length });
    expectClose(w, rows);
  });

  test('with beta1 0 nothing is believed: a step is g / sqrt of eps alone', async () => {
    const eps = 1e-4;
    const { w } = await trajectory(adabelief({ lr: 0.1, beta1: 0, eps }), { ...setup, steps: 1 });
    const g = w0.map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(1));
    expectClose(
      w[0],
      w0.map((x, i) => x - (0.1 * g[i]) / (Math.sqrt(eps / 1e-3) + eps)),
    );
  });

  test('amsgrad never lets the scale fall', async () => {
    // A spike, then quiet: the plain rule forgets it, the other does not.
    const loss = lossWithGradient(({ t }) => constant([1, 1, 1, 1]).mul(t.eq(3).cast('float32').mul(9).add(1)));
    const { state, statePerParameter } = await trajectory(adabelief({ amsgrad: true, beta2: 0.5 }), {
      ...setup,
      loss,
      steps: 12,
    });
    expect(statePerParameter).toBe(3);
    const largest = state.map((s) => s['state.largest'][0]);
    const scales = state.map((s) => s['state.s'][0]);
    expect(largest).toEqual(scales.map((_, k) => Math.max(...scales.slice(0, k + 1))));
    expect(scales[12]).toBeLessThan(0.1 * largest[12]);
  });

  test('decay: decoupled by default, times lr unless fixed', async () => {
    const at = async (values: Parameters<typeof adabelief>[0]) =>
      (await trajectory(adabelief({ lr: 0.01, ...values }), { ...setup, steps: 1 })).w[0];
    const plain = await at({});
    const shrunk = (rate: number) => plain.map((x, i) => x - rate * w0[i]);
    expectClose(await at({ weightDecay: 0.1 }), shrunk(0.001));
    expectClose(await at({ weightDecay: 0.1, decay: 'fixed' }), shrunk(0.1));
    expectClose(await at({ weightDecay: 0.1, decay: 'l2' }), plain, { relative: 1e-6 });
  });

  test("claim: below 0.01 on Rosenbrock's valley from (-1, 1) in at most half of Adam's steps", async () => {
    const steps = async (optimizer: ReturnType<typeof adam>) => {
      const { loss } = await trajectory(optimizer, { w0: [-1, 1], loss: rosenbrockLoss, steps: 4000 });
      const first = loss.findIndex((value) => value < 1e-2);
      return first < 0 ? Number.POSITIVE_INFINITY : first;
    };
    const ours = await steps(adabelief({ eps: 1e-8 }));
    expect(ours).toBeLessThan(0.5 * (await steps(adam())));
  });

  test('keeps two floats and asks for one gradient', async () => {
    const { statePerParameter, calls } = await trajectory(adabelief(), setup);
    expect(statePerParameter).toBe(2);
    expect(calls[2]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
  });
});
