import { describe, expect, test } from 'vitest';
import { constant, where } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adadelta } from './adadelta.ts';
import { rmsprop } from './rmsprop.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('rmsprop', () => {
  test.each([
    [
      'PyTorch',
      {},
      '1.8049553363e-07, -1.00000009025, 2.00000006017, -0.499997048334 | 0.0752768740539, -0.646400340298, 1.53226419261, 0.427351512143 | 0.186143996374, -0.54024389841, 1.28790672313, -0.562013266507',
    ],
    [
      'momentum, centred',
      { momentum: 0.9, centered: true },
      '-0.00503763294049, -0.9949622759, 1.99496224551, -0.505034833779 | -0.829432573659, 0.264231156012, 0.619454952064, -0.476942893607 | -0.888959571911, 1.12510507075, -0.62540646333, -1.31671583177',
    ],
    [
      'Optax',
      { alpha: 0.9, epsInsideRoot: true },
      '0.683772285495, -1.68377224686, 2.68377223971, 0.183786008566 | 0.526907343282, -1.49871080305, 2.49055401606, -0.130022463021 | 0.439847017131, -1.36934683594, 2.34871880565, -0.383465485803',
    ],
    [
      'eps 1e-2 outside',
      { alpha: 0.9, eps: 1e-2 },
      '0.700847191129, -1.69254660187, 2.68967642037, 0.336439667811 | 0.548554898932, -1.51119849342, 2.49918638093, 0.0487212541001 | 0.461393599955, -1.38381106804, 2.3590318461, -0.18895031247',
    ],
    [
      'eps 1e-2 inside',
      { alpha: 0.9, eps: 1e-2, epsInsideRoot: true },
      '0.725360370267, -1.69591327903, 2.68934487658, 0.466313695108 | 0.5787134681, -1.5151537614, 2.49823914401, 0.218827741698 | 0.491613158976, -1.38791017269, 2.35760216095, -0.00717780531915',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(rmsprop({ lr: 0.1, ...values }), setup)).w, golden(expected));
  });

  test.each([
    ['outside', false, 1 / (Math.sqrt(0.1) + 1e-2)],
    ['inside', true, 1 / Math.sqrt(0.1 + 1e-2)],
  ])('eps %s: after long silence a unit gradient moves by the first step again', async (_, epsInsideRoot, expected) => {
    const { w } = await trajectory(rmsprop({ lr: 1, alpha: 0.9, eps: 1e-2, epsInsideRoot }), {
      w0: [0],
      loss: lossWithGradient(({ t }) => where(t.gt(50), constant([1]), constant([0]))),
      steps: 51,
    });
    expect(w[49]).toEqual([0]);
    expectClose(w[50], [-expected], { relative: 1e-14 });
  });

  test('corrected for bias it is Adam without a first moment: the first step is lr sign(g)', async () => {
    const { w } = await trajectory(rmsprop({ lr: 0.1, eps: 0, biasCorrection: true }), { ...setup, steps: 1 });
    expectClose(w[0], [0.9, -1.9, 2.9, 0.4], { relative: 1e-14 });
  });

  test('the variance of a constant gradient, which rounding makes negative, has a root', async () => {
    const { w, state } = await trajectory(rmsprop({ lr: 1e-9, alpha: 0.5, centered: true }), {
      w0: [0, 0, 0, 0],
      loss: lossWithGradient(() => constant([0.1, 0.3, 0.7, 1.1])),
      steps: 80,
    });
    const { 'state.v': v, 'state.mean': mean } = state[80];
    expect(v.some((x, i) => x - mean[i] ** 2 < 0)).toBe(true);
    expect(w[79].every(Number.isFinite)).toBe(true);
  });

  test('a centred square of one gradient is refused', () => {
    expect(() => rmsprop({ centered: true, alpha: 0 })).toThrow('rmsprop: centered is true but alpha is 0');
  });

  test('keeps one float, one more for each of momentum and centring', async () => {
    const floats = async (values: Parameters<typeof rmsprop>[0]) =>
      (await trajectory(rmsprop(values), { ...setup, steps: 1 })).statePerParameter;
    expect(await floats({})).toBe(1);
    expect(await floats({ momentum: 0.9 })).toBe(2);
    expect(await floats({ momentum: 0.9, centered: true })).toBe(3);
  });
});

describe('adadelta', () => {
  test('golden', async () => {
    const { w, statePerParameter } = await trajectory(adadelta(), setup);
    expectClose(
      w,
      golden(
        '0.99683777385, -1.99683773522, 2.99683772806, 0.496851408459 | 0.993904180219, -1.99390121193, 2.99390023565, 0.492402398542 | 0.991193101104, -1.99118313875, 2.99117984047, 0.487101676692',
      ),
    );
    expect(statePerParameter).toBe(2);
  });

  test('hardly sees the scale of gradients: 0.5 % of the way of 60 steps for a factor 1000, nothing as eps goes to 0', async () => {
    const moved = async (scale: number, eps: number) => {
      const { w } = await trajectory(adadelta({ eps }), {
        ...setup,
        loss: (at) => commonLoss(at).mul(scale),
        steps: 60,
      });
      return w[59][0] - w0[0];
    };
    expect(Math.abs((await moved(1000, 1e-6)) / (await moved(1, 1e-6)) - 1)).toBeLessThan(5e-3);
    expect(Math.abs((await moved(1000, 1e-12)) / (await moved(1, 1e-12)) - 1)).toBeLessThan(1e-6);
  });

  test('the first step is lr sqrt(eps / (1 - rho)) long, and eps 0, with which it would never move, is refused', async () => {
    const { w } = await trajectory(adadelta({ lr: 2, rho: 0.75, eps: 1e-8 }), {
      ...setup,
      loss: (at) => commonLoss(at).mul(100),
      steps: 1,
    });
    expectClose(w[0], [1 - 4e-4, -2 + 4e-4, 3 - 4e-4, 0.5 - 4e-4], { relative: 1e-8 });
    expect(() => adadelta({ eps: 0 })).toThrow('adadelta: eps is 0; it must lie in (0, inf)');
  });
});
