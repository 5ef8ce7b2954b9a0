import { describe, expect, it } from 'vitest';
import type { UnaryName } from '../../tensor/attrs.ts';
import { where } from '../../tensor/functions.ts';
import { apply } from '../../tensor/tensor.ts';
import { compute, relativeError, vector } from '../../testing/compute.ts';
import { erf, erfc } from './special.ts';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const int = (...values: number[]) => ({ shape: [values.length], values, dtype: 'int32' as const });
const bool = (...values: number[]) => ({ shape: [values.length], values, dtype: 'bool' as const });

/** NumPy 2.4 and SciPy 1.17. */
const known: readonly (readonly [UnaryName | 'gelu', readonly number[], readonly number[]])[] = [
  ['exp', [-1.5, -0.25, 0.5, 2], [0.22313016014842982, 0.7788007830714049, 1.6487212707001282, 7.38905609893065]],
  ['expm1', [-1.5, -0.25, 0.5, 2], [-0.7768698398515702, -0.22119921692859512, 0.6487212707001282, 6.38905609893065]],
  ['sin', [-1.5, -0.25, 0.5, 2], [-0.9974949866040544, -0.24740395925452294, 0.479425538604203, 0.9092974268256817]],
  ['cos', [-1.5, -0.25, 0.5, 2], [0.0707372016677029, 0.9689124217106447, 0.8775825618903728, -0.4161468365471424]],
  ['tanh', [-1.5, -0.25, 0.5, 2], [-0.9051482536448665, -0.24491866240370913, 0.46211715726000974, 0.9640275800758169]],
  [
    'sigmoid',
    [-1.5, -0.25, 0.5, 2],
    [0.18242552380635635, 0.43782349911420193, 0.6224593312018546, 0.8807970779778823],
  ],
  ['erf', [-1.5, -0.25, 0.5, 2], [-0.9661051464753108, -0.2763263901682369, 0.5204998778130465, 0.9953222650189527]],
  ['gelu', [-1.5, -0.25, 0.5, 2], [-0.1002108019032871, -0.10032341857926907, 0.34573123063700656, 1.9544997361036416]],
  ['log', [0.2, 0.7, 1.3, 3], [-1.6094379124341003, -0.35667494393873245, 0.26236426446749106, 1.0986122886681098]],
  ['log1p', [0.1, 0.7, 1.3, 3], [0.09531017980432487, 0.5306282510621704, 0.832909122935104, 1.3862943611198906]],
  ['sqrt', [0.1, 0.7, 1.3, 3], [0.31622776601683794, 0.8366600265340756, 1.140175425099138, 1.7320508075688772]],
  ['neg', [-1, 0.5], [1, -0.5]],
  ['abs', [-1, 0, 0.5], [1, 0, 0.5]],
  ['sign', [-3, 0, 0.5, nan], [-1, 0, 1, nan]],
  ['relu', [-3, 0, 0.5, nan], [0, 0, 0.5, nan]],
  ['floor', [-1.5, -1, 0.5, 2.9], [-2, -1, 0, 2]],
  ['ceil', [-1.5, -1, 0.5, 2.1], [-1, -1, 1, 3]],
  ['round', [-3.5, -2.5, -1.2, 1.5, 2.5, 3.5, 0.49999999999999994], [-4, -2, -1, 2, 2, 4, 0]],
];

describe('reference element-wise ops', () => {
  it.each(known)('%s agrees with NumPy', (op, values, expected) => {
    expect(
      relativeError(
        compute((x) => apply(op, [x], {}), vector(...values)),
        expected,
      ),
    ).toBeLessThan(4e-16);
  });

  it('keeps float32 tensors in float64', () => {
    expect(compute((x) => x.mul(0.1), vector(0.1, 1 / 3))).toEqual([0.1 * 0.1, 0.1 / 3]);
  });

  it('raises to powers, 1 to any power being 1', () => {
    const base = vector(0.5, 2, -3, 1, 1, 0);
    const exponent = vector(2.5, -1.5, 3, nan, infinity, 0);
    const result = compute((x, y) => x.pow(y), base, exponent);
    expect(relativeError(result, [0.1767766952966369, 0.3535533905932738, -27, 1, 1, 1])).toBeLessThan(1e-15);
  });

  it('lets NaN through maximum and minimum', () => {
    const [a, b] = [vector(nan, 1, 3), vector(2, nan, 2)];
    expect(compute((x, y) => x.maximum(y), a, b)).toEqual([nan, nan, 3]);
    expect(compute((x, y) => x.minimum(y), a, b)).toEqual([nan, nan, 2]);
  });

  it('wraps int32 arithmetic', () => {
    const [a, b] = [int(2147483647, -2147483648, 123456789), int(1, -1, 2000000011)];
    expect(compute((x, y) => x.add(y), a, b)).toEqual([-2147483648, 2147483647, 2123456800]);
    expect(compute((x, y) => x.mul(y), a, b)).toEqual([2147483647, -2147483648, Math.imul(123456789, 2000000011)]);
  });

  it('compares and combines bools', () => {
    const [a, b] = [vector(1, 2, nan), vector(2, 2, nan)];
    expect(compute((x, y) => x.lt(y), a, b)).toEqual([1, 0, 0]);
    expect(compute((x, y) => x.le(y), a, b)).toEqual([1, 1, 0]);
    expect(compute((x, y) => x.eq(y), a, b)).toEqual([0, 1, 0]);
    expect(compute((x, y) => x.ne(y), a, b)).toEqual([1, 0, 1]);
    expect(compute((x, y) => x.and(y.not()), bool(1, 1, 0, 0), bool(1, 0, 1, 0))).toEqual([0, 1, 0, 0]);
    expect(compute((x, y) => x.or(y), bool(1, 1, 0, 0), bool(1, 0, 1, 0))).toEqual([1, 1, 1, 0]);
  });

  it('casts: toward zero to integers, non-zero to true', () => {
    expect(compute((x) => x.cast('int32'), vector(-2.7, 2.7, -0.2))).toEqual([-2, 2, 0]);
    expect(compute((x) => x.cast('bool'), vector(-2.7, 0, 0.2, nan))).toEqual([1, 0, 1, 1]);
    expect(compute((x) => x.cast('float32'), bool(0, 1))).toEqual([0, 1]);
  });

  it('selects with broadcasting', () => {
    const result = compute(
      (c, a, b) => where(c, a, b),
      { shape: [2, 1], values: [1, 0], dtype: 'bool' },
      vector(1, 2, 3),
      { shape: [], values: [9] },
    );
    expect(result).toEqual([1, 2, 3, 9, 9, 9]);
  });

  it('broadcasts two sides', () => {
    const result = compute((x, y) => x.sub(y), { shape: [2, 1], values: [10, 20] }, vector(1, 2, 3));
    expect(result).toEqual([9, 8, 7, 19, 18, 17]);
  });
});

describe('the error function', () => {
  // mpmath 1.3 at 40 digits, correctly rounded.
  const table: readonly (readonly [x: number, erf: number, erfc: number])[] = [
    [1e-10, 1.1283791670955126e-10, 0.999999999887162],
    [0.1, 0.1124629160182849, 0.887537083981715],
    [1, 0.8427007929497149, 0.15729920705028513],
    [2.49, 0.9995707121322661, 0.0004292878677339129],
    [2.51, 0.9996142945182758, 0.0003857054817242798],
    [5, 0.9999999999984626, 1.537459794428035e-12],
    [10, 1, 2.088487583762545e-45],
    [-3, -0.9999779095030014, 1.9999779095030015],
  ];
  it.each(table)('at %d', (x, direct, complement) => {
    expect(Math.abs(erf(x) / direct - 1)).toBeLessThan(1e-15);
    expect(Math.abs(erfc(x) / complement - 1)).toBeLessThan(2e-12);
  });

  it('is odd, and saturates', () => {
    expect(erf(-0.7)).toBe(-erf(0.7));
    expect([erf(0), erf(infinity), erf(-infinity), erf(30)]).toEqual([0, 1, -1, 1]);
    expect(erf(nan)).toBeNaN();
  });
});
