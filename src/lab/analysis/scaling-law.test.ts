import { describe, expect, it } from 'vitest';
import models from '../../../tests/fixtures/lab/models.json' with { type: 'json' };
import { fitScalingLaw, type ScalingLaw, valueAt } from './scaling-law.ts';

const law: ScalingLaw = { a: 2, sizeExponent: 0.3, dataExponent: 0.2, b: 0.5 };
const scales = [130, 300, 520].flatMap((size) => [1, 2, 4, 8].map((data) => ({ size, data })));

function lawOf(points: readonly { size: number; data: number; value: number }[]): ScalingLaw {
  const found = fitScalingLaw(points);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('the scaling law of a hyperparameter', () => {
  it('has the values of a worked example', () => {
    const at = [
      [130, 1],
      [300, 2],
      [520, 8],
      [1200, 8],
    ] as const;
    const values = [0.964351646673, 0.814548501178, 0.702120793789, 0.657274250589];
    for (const [i, [size, data]] of at.entries()) expect(valueAt(law, size, data)).toBeCloseTo(values[i], 11);
  });

  it('is found again from its values', () => {
    const { a, sizeExponent, dataExponent, b } = lawOf(
      scales.map((scale) => ({ ...scale, value: valueAt(law, scale.size, scale.data) })),
    );
    expect([a, sizeExponent, dataExponent, b]).toEqual([2, 0.3, 0.2, 0.5].map((value) => expect.closeTo(value, 5)));
  });

  it("fits scattered values as well as SciPy's curve_fit does", () => {
    const { size, data, value, residual } = models.scalingLaw;
    const found = lawOf(size.map((one, i) => ({ size: one, data: data[i], value: value[i] })));
    const ours = value.reduce((sum, one, i) => sum + (one - valueAt(found, size[i], data[i])) ** 2, 0);
    expect(ours).toBeLessThan(residual * (1 + 1e-6));
    expect(valueAt(found, 1200, 8)).toBeCloseTo(valueAt(models.scalingLaw, 1200, 8), 4);
  });

  it('is constant for values that are all the same', () => {
    expect(lawOf(scales.map((scale) => ({ ...scale, value: 0.1 })))).toMatchObject({ a: 0, b: 0.1 });
  });

  it('is refused for too few scales, or those of one size', () => {
    expect(fitScalingLaw(scales.slice(0, 4).map((scale) => ({ ...scale, value: scale.data })))).toMatch(
      /fewer than five/,
    );
    expect(fitScalingLaw([1, 2, 4, 8, 16].map((data) => ({ size: 1, data, value: data })))).toMatch(/two sizes/);
  });
});
