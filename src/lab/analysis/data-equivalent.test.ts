import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import models from '../../../tests/fixtures/lab/models.json' with { type: 'json' };
import { dataEquivalent, fitLossLaw, type LossLaw, lossAt } from './data-equivalent.ts';

const fitted = (losses: readonly number[]): LossLaw | string =>
  fitLossLaw(losses.map((loss, i) => ({ data: 2 ** i, loss })));

describe('the data-equivalent of a loss', () => {
  it('is that of a worked example', () => {
    const law = { alpha: 0.4, exponent: 0.5, floor: 3 };
    expect(dataEquivalent(law, 3.17)).toBeCloseTo(5.53633217993, 10);
    expect(dataEquivalent(law, 3.17) / 4).toBeCloseTo(1.38408304498, 10);
  });

  it('is without bound at the loss that no amount of data reaches', () => {
    expect(dataEquivalent({ alpha: 0.4, exponent: 0.5, floor: 3 }, 3)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the law of loss against data', () => {
  it('is found again from three of its losses', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(0.1, 5), number(0.05, 4), number(0, 5), number(0.3, 9), (alpha, exponent, floor, data) => {
        const law = { alpha, exponent, floor };
        const found = fitLossLaw([1, 2, 4].map((ratio) => ({ data: ratio, loss: lossAt(law, ratio) })));
        expect(typeof found).toBe('object');
        if (typeof found === 'object') expect(dataEquivalent(found, lossAt(law, data))).toBeCloseTo(data, 3);
      }),
    );
  });

  it("is that of SciPy's curve_fit for losses that no law goes through", () => {
    const { data, loss, alpha, exponent, floor } = models.lossLaw;
    expect(fitLossLaw(data.map((amount, i) => ({ data: amount, loss: loss[i] })))).toEqual({
      alpha: expect.closeTo(alpha, 5),
      exponent: expect.closeTo(exponent, 5),
      floor: expect.closeTo(floor, 5),
    });
  });

  it('is refused where the losses do not have its form', () => {
    expect(fitted([3.5, 3.4])).toMatch(/fewer than three/);
    expect(fitted([3.5, Number.NaN, 3.4])).toMatch(/fewer than three/);
    expect(fitted([3.5, 3.6, 3.7])).toMatch(/does not get better/);
    expect(fitted([3.5, 3.4, 3.3])).toMatch(/with every doubling/);
    expect(fitted([3.5, 3.2, 3.2])).toMatch(/no better beyond the second/);
  });
});
