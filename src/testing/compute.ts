import { evaluate } from '../runtime/reference/index.ts';
import type { DType } from '../tensor/dtype.ts';
import { parameter } from '../tensor/functions.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Numbers with a shape, for `compute`. */
export interface Given {
  readonly shape: Shape;
  readonly values: readonly number[];
  readonly dtype?: DType;
}

/** The numbers of one function of given tensors, on the reference engine. */
export function compute(f: (...inputs: Tensor[]) => Tensor, ...given: readonly Given[]): number[] {
  const inputs = given.map(({ shape, dtype }, i) => parameter(`input${i}`, shape, dtype));
  const [{ data }] = evaluate([f(...inputs)], new Map(inputs.map((input, i) => [input, given[i].values])));
  return Array.from(data);
}

/** A float vector. */
export const vector = (...values: number[]): Given => ({ shape: [values.length], values });

/** A float tensor of shape `shape` with element i given by f. */
export const filledWith = (shape: Shape, f: (i: number) => number): Given => ({
  shape,
  values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => f(i)),
});

/** Largest difference, relative to the largest magnitude of `expected`; 0 for equal arrays, infinite where lengths or NaNs differ. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [scale, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) {
      if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
      continue;
    }
    const error = Math.abs(actual[i] - expected[i]);
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst === 0 ? 0 : worst / scale;
}
