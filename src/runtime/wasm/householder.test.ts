import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constant, orthonormalize as op } from '../../tensor/functions.ts';
import { evaluate } from '../reference/index.ts';
import { hasMadd } from './features.ts';
import { orthonormalize } from './householder.ts';
import { loadLinearAlgebra } from './linear-algebra.ts';

const algebra = await loadLinearAlgebra(hasMadd);

const tall = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 5 })).chain(([n, more]) => {
  const size = (n + more) * n;
  const number = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constant(0));
  return fc
    .array(number, { minLength: size, maxLength: size })
    .map((values) => ({ m: n + more, n, x: Float64Array.from(values) }));
});
const qOf = ({ x, m, n }: { x: Float64Array; m: number; n: number }): Float64Array => {
  const q = new Float64Array(m * n);
  orthonormalize(algebra, x, m, n, 0, q, 0);
  return q;
};

/** a'b of two matrices [m, n]. */
const gram = (a: Float64Array, b: Float64Array, m: number, n: number): number[] =>
  Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return Array.from({ length: m }, (_row, k) => a[k * n + i] * b[k * n + j]).reduce((sum, value) => sum + value, 0);
  });

describe('orthonormalize', () => {
  test('columns are orthonormal whatever the matrix; R is upper triangular without negative diagonal, and Q R the matrix', () => {
    fc.assert(
      fc.property(tall, (given) => {
        const { x, m, n } = given;
        const q = qOf(given);
        gram(q, q, m, n).forEach((value, at) => {
          expect(Math.abs(value - (at % (n + 1) === 0 ? 1 : 0))).toBeLessThan(1e-13);
        });
        const r = gram(q, x, m, n);
        r.forEach((value, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          if (i > j) expect(Math.abs(value)).toBeLessThan(1e-13);
          if (i === j) expect(value).toBeGreaterThan(-1e-13);
        });
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            const rebuilt = Array.from({ length: n }, (_, k) => q[i * n + k] * r[k * n + j]).reduce((a, b) => a + b, 0);
            expect(Math.abs(rebuilt - x[i * n + j])).toBeLessThan(1e-13);
          }
        }
      }),
    );
  });

  test('agrees with the reference, whose algorithm is another', () => {
    const x = Float64Array.from({ length: 20 }, (_, i) => Math.cos(i * i + 1));
    const expected = evaluate([op(constant([...x], { shape: [5, 4], dtype: 'float64' }))])[0].data;
    qOf({ x, m: 5, n: 4 }).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-13);
    });
  });

  test.each([
    [40, 33],
    [64, 64],
    [97, 97],
    [200, 70],
  ])('%d by %d, in blocks, whether of full rank or not', (m, n) => {
    const full = Float64Array.from({ length: m * n }, (_, i) => Math.cos(i * i + 1));
    // Columns from the 20th on are one of the first five.
    const deficient = full.map((value, at) => (at % n < 20 ? value : full[at - (at % n) + ((at % n) % 5)]));
    for (const x of [full, deficient]) {
      const q = qOf({ x, m, n });
      gram(q, q, m, n).forEach((value, at) => {
        expect(Math.abs(value - Number(at % (n + 1) === 0))).toBeLessThan(1e-14);
      });
      const r = gram(q, x, m, n);
      x.forEach((value, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        let rebuilt = 0;
        for (let k = 0; k <= j; k++) rebuilt += q[i * n + k] * r[k * n + j];
        expect(Math.abs(rebuilt - value)).toBeLessThan(1e-13);
      });
    }
  });

  test.each([1e-300, 1e300])('does not depend on the scale: %d', (scale) => {
    const x = Float64Array.of(3, 1, 4, 1, 5, 9);
    const scaled = qOf({ x: x.map((value) => value * scale), m: 3, n: 2 });
    qOf({ x, m: 3, n: 2 }).forEach((value, i) => {
      expect(Math.abs(value - scaled[i])).toBeLessThan(1e-15);
    });
  });

  test('zeros answer the identity, a NaN answers NaN', () => {
    expect([...qOf({ x: new Float64Array(6), m: 3, n: 2 })]).toEqual([1, 0, 0, 1, 0, 0]);
    expect([...qOf({ x: Float64Array.of(1, Number.NaN, 0, 1), m: 2, n: 2 })]).toEqual(Array(4).fill(Number.NaN));
  });
});
