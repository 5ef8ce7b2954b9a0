import { describe, expect, test } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { testRandom } from '../testing/draw.ts';
import { eye } from './functions.ts';
import { constant, type Tensor } from './index.ts';
import { inverseUpper, solveTransposed, strictlyLower, upper } from './triangular.ts';

const numbers = (x: Tensor): number[] => [...evaluate([x])[0].data];
const matrix = constant([[1, 2, 3], [4, 5, 6], [7, 8, 9]], { dtype: 'float64' }); // biome-ignore format: a matrix

test('the triangles of a matrix', () => {
  expect(numbers(upper(matrix))).toEqual([1, 2, 3, 0, 5, 6, 0, 0, 9]);
  expect(numbers(strictlyLower(matrix))).toEqual([0, 0, 0, 4, 0, 0, 7, 8, 0]);
});

describe('inverseUpper', () => {
  test.each([1, 2, 3, 4, 7, 8, 13])('times the upper triangle of a matrix of side %d is the identity', (n) => {
    const random = testRandom(n);
    const values = Array.from({ length: 2 * n * n }, () => 2 * random() - 1);
    const x = constant(values, { shape: [2, n, n], dtype: 'float64' }).add(eye(n, 'float64').mul(2));
    const product = numbers(upper(x).matmul(inverseUpper(x)));
    const identity = [...numbers(eye(n)), ...numbers(eye(n))];
    product.forEach((value, i) => {
      expect(Math.abs(value - identity[i])).toBeLessThan(1e-12);
    });
  });

  test('is 0 for a zero on the diagonal', () => {
    expect(numbers(inverseUpper(constant([[2, 1], [0, 0]])))).toEqual([0.5, 0, 0, 0]); // biome-ignore format: a matrix
  });
});

test.each([3, 64, 150])('solveTransposed of side %d solves', (n) => {
  const random = testRandom(n);
  const draw = (rows: number, columns: number) =>
    constant(
      Array.from({ length: rows * columns }, () => 2 * random() - 1),
      { shape: [rows, columns], dtype: 'float64' },
    );
  const U = draw(n, n).div(n).add(eye(n, 'float64'));
  const x = draw(n, 2);
  const back = upper(U).matmul(solveTransposed(U, x), { transposeA: true });
  for (const difference of numbers(back.sub(x))) expect(Math.abs(difference)).toBeLessThan(1e-12);
});
