import { defineFunction } from './define-function.ts';
import type { Task } from './task.ts';

export interface RosenbrockOptions {
  /** Default 2. */
  dimension?: number;
}

/**
 * Rosenbrock's valley: Σ 100 (w_{i+1} - w_i²)² + (1 - w_i)². Starts at (-1.2, 1), repeated in more dimensions; the minimum is 0 at (1, ..., 1).
 * Rosenbrock 1960, Comput. J. 3(3); Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), problem 1.
 */
export function rosenbrock({ dimension = 2 }: RosenbrockOptions = {}): Task {
  if (!(Number.isInteger(dimension) && dimension >= 2)) {
    throw new RangeError(`rosenbrock: dimension is ${dimension}; it must be a whole number from 2`);
  }
  return defineFunction({
    id: 'rosenbrock',
    summary: `Rosenbrock's curved valley in ${dimension} dimensions`,
    dimension,
    start: { kind: 'values', values: Array.from({ length: dimension }, (_, i) => (i % 2 === 0 ? -1.2 : 1)) },
    value: (w) => {
      const here = w.slice([0], [dimension - 1]);
      const next = w.slice([1]);
      const valley = next.sub(here.square()).square().mul(100);
      return valley.add(here.neg().add(1).square()).sum();
    },
    steps: 2000,
    target: 1e-4,
  });
}

/**
 * Beale's function of two variables: Σ (c_i - x (1 - yⁱ))², c = (1.5, 2.25, 2.625). Starts at (1, 1), the minimum is 0 at (3, 0.5).
 * Beale 1958; Moré, Garbow & Hillstrom 1981, ACM TOMS 7(1), problem 5.
 */
export function beale(): Task {
  return defineFunction({
    id: 'beale',
    summary: "Beale's function: flat, with sharp walls",
    dimension: 2,
    start: { kind: 'values', values: [1, 1] },
    value: (w) => {
      const [x, y] = [w.at(0, 0), w.at(0, 1)];
      const square = y.mul(y);
      const residual = (c: number, power: typeof y) => x.mul(power.sub(1)).add(c).square();
      return residual(1.5, y)
        .add(residual(2.25, square))
        .add(residual(2.625, square.mul(y)));
    },
    steps: 1000,
    target: 1e-4,
  });
}
