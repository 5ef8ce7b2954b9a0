import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adamw } from '../adaptive/adamw.ts';
import { mars } from './mars.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 3 };
/** A tenth of the start and of the noise: the clip sleeps. */
const small = {
  w0: { W: { shape: [2, 2], values: w0.map((x) => x / 10), role: 'matrix' } } as const,
  loss: ({ w, t }: LossPoint) => {
    const flat = w.flat.cast('float64');
    const c = constant([0.01, -0.02, 0.03, -0.04], { dtype: 'float64' });
    return flat.square().sum().mul(0.25).add(flat.dot(c).mul(t.cos()));
  },
  steps: 3,
};

describe('mars', () => {
  test.each([
    [
      'approximate',
      {},
      '0.900000003742, -1.90000000187, 2.90000000125, 0.400000061196 | 0.800589665838, -1.80015515261, 2.80007269768, 0.324484732217 | 0.702249370393, -1.70057824184, 2.7002752265, 0.24024294353',
    ],
    [
      'exact',
      { exact: true },
      '0.900000003742, -1.90000000187, 2.90000000125, 0.400000061196 | 0.800330225914, -1.80005183853, 2.80000722427, 0.32253595192 | 0.701505171992, -1.70029344536, 2.7000940308, 0.239862788932',
    ],
    [
      'shampoo',
      { variant: 'shampoo' },
      '0.978772209042, -1.92346839487, 2.91480612006, 0.486904783728 | 0.943558640612, -1.85996866027, 2.8085831395, 0.461444032005 | 0.911266617831, -1.7991799801, 2.70437276598, 0.419462245817',
    ],
  ] as const)('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(mars({ lr: 0.1, ...values }), setup)).w, golden(expected));
    if (values && 'variant' in values) return;
    // The clip is active at every step, so the first correction does not matter.
    const other = await trajectory(
      mars({ lr: 0.1, ...values, ...('exact' in values ? {} : { firstStep: 'code' }) }),
      setup,
    );
    expectClose(other.w, golden(expected));
  });

  test('golden: lion', async () => {
    const { w } = await trajectory(mars({ lr: 0.1, variant: 'lion' }), setup);
    expectClose(w[2], golden('0.7, -1.7, 2.7, 0.2'));
  });

  test.each([
    [
      'approximate',
      {},
      '0.0800000036099, -0.180000001805, 0.280000001203, 0.0300000590333 | 0.0612763177991, -0.160652282261, 0.260500876074, 0.0145415491362 | 0.044075401599, -0.141879088466, 0.241382496677, -0.00263022011601',
    ],
    [
      "approximate, the code's first step",
      { firstStep: 'code' },
      '0.0800000024474, -0.180000001224, 0.280000000816, 0.0300000400226 | 0.0623775531821, -0.161680103364, 0.261481407288, 0.0141040021441 | 0.0465089502655, -0.14426881206, 0.243655218223, -0.00329979646778',
    ],
    [
      'exact',
      { exact: true },
      '0.0800000036099, -0.180000001805, 0.280000001203, 0.0300000590333 | 0.0608600457, -0.160391775823, 0.260283921287, 0.013926001971 | 0.0430941055808, -0.141311359144, 0.24092528203, -0.00313284631993',
    ],
  ] as const)('golden, unclipped: %s', async (_, values, expected) => {
    expectClose((await trajectory(mars({ lr: 0.02, ...values }), small)).w, golden(expected));
  });

  test('without a correction and a clip it is AdamW', async () => {
    const { w, statePerParameter } = await trajectory(mars({ lr: 0.02, gamma: 0, weightDecay: 0.1 }), small);
    const plain = await trajectory(adamw({ lr: 0.02, beta1: 0.95, beta2: 0.99, weightDecay: 0.1 }), small);
    expectClose(w, plain.w, { relative: 1e-12 });
    expect(statePerParameter).toBe(2);
  });

  test('state and gradients: 3 and 1, exact 3 and 2, without a second moment one less', async () => {
    const cost = async (values: Parameters<typeof mars>[0]) => {
      const { statePerParameter, calls } = await trajectory(mars(values), setup);
      return [statePerParameter, calls[2].gradient];
    };
    expect(await cost({})).toEqual([3, 1]);
    expect(await cost({ exact: true })).toEqual([3, 2]);
    expect(await cost({ variant: 'lion' })).toEqual([2, 1]);
    expect(await cost({ variant: 'shampoo' })).toEqual([2, 1]);
  });

  test('vectors take AdamW with rates of their own, or the rule itself', async () => {
    const vectors = { w0: { w: { shape: [4], values: w0 } }, loss: commonLoss, steps: 3 };
    const rates = { vectorLr: 0.1, vectorBeta1: 0.8, vectorBeta2: 0.9, vectorWeightDecay: 0.2 };
    const { w } = await trajectory(mars(rates), vectors);
    const plain = await trajectory(adamw({ lr: 0.1, beta1: 0.8, beta2: 0.9, weightDecay: 0.2 }), vectors);
    expect(w).toEqual(plain.w);
    const own = await trajectory(mars({ lr: 0.1, vectors: true }), vectors);
    expectClose(own.w, (await trajectory(mars({ lr: 0.1 }), setup)).w, { relative: 1e-14 });
  });

  test('with eps 0 a zero gradient leaves the parameters', async () => {
    const still = { ...setup, loss: ({ w }: LossPoint) => w.flat.mul(0).sum() };
    expect((await trajectory(mars({ eps: 0 }), still)).w[2]).toEqual([...w0]);
  });

  test('refuses what cannot be combined', () => {
    expect(() => mars({ exact: true, firstStep: 'code' })).toThrow("mars: firstStep is 'code'");
    expect(() => mars({ exact: true, gamma: 0 })).toThrow('mars: gamma is 0');
    expect(() => mars({ vectors: true, variant: 'shampoo' })).toThrow("mars: vectors is true; variant 'shampoo'");
    expect(() => mars({ gamma: -1 })).toThrow('mars: gamma is -1; it must lie in [0, inf)');
  });
});
