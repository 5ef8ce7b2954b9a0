import { type Shape, stridesOf } from '../../tensor/shape.ts';
import { generate, type NdArray, offsets, type Rule, type Rules, zeros } from './array.ts';

/** The place in the reduced array that each element of `shape` falls on. */
function destinations(shape: Shape, axes: readonly number[]): Int32Array {
  const strides = stridesOf(shape.map((n, axis) => (axes.includes(axis) ? 1 : n)));
  return offsets(
    shape,
    strides.map((stride, axis) => (axes.includes(axis) ? 0 : stride)),
  );
}

/** Folds every element into its place, in row-major order. */
function fold(x: NdArray, axes: readonly number[], result: NdArray, f: (a: number, b: number) => number): NdArray {
  const to = destinations(x.shape, axes);
  for (let i = 0; i < to.length; i++) result.data[to[i]] = f(result.data[to[i]], x.data[i]);
  return result;
}

/** NaN wins, as in Math.max and Math.min. Every element takes part twice, which changes no extremum, so no start value is needed. */
const extremum =
  (f: (a: number, b: number) => number): Rule<'max' | 'min'> =>
  ([x], { axes }, node) =>
    fold(
      x,
      axes,
      fold(x, axes, zeros(node), (_, b) => b),
      f,
    );

/** The first largest element; NaN counts as largest. */
const argmax: Rule<'argmax'> = ([x], { axis }, node) => {
  const stride = stridesOf(x.shape)[axis];
  const kept = x.shape.map((n, i) => (i === axis ? 1 : n));
  const first = offsets(kept, stridesOf(x.shape));
  return generate(node, (i) => {
    let best = 0;
    for (let k = 1; k < x.shape[axis]; k++) {
      if (beats(x.data[first[i] + k * stride], x.data[first[i] + best * stride])) best = k;
    }
    return best;
  });
};

/** Whether a later element replaces the largest one so far. */
export const beats = (later: number, best: number): boolean =>
  later > best || (Number.isNaN(later) && !Number.isNaN(best));

export const reduce: Rules<'sum' | 'max' | 'min' | 'argmax'> = {
  sum: ([x], { axes }, node) => fold(x, axes, zeros(node), (a, b) => a + b),
  max: extremum(Math.max),
  min: extremum(Math.min),
  argmax,
};
