import { type Shape, sizeOf, stridesOf } from '../../tensor/shape.ts';
import type { View } from './ir.ts';

/** All elements of the buffer in their order. */
export function isContiguous({ value, shape, strides, offset }: View): boolean {
  return offset === 0 && sizeOf(shape) === sizeOf(value.shape) && isRowMajor(shape, strides);
}

/** Consecutive elements in row-major order, wherever they begin. */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  const natural = stridesOf(shape);
  return shape.every((n, axis) => n === 1 || strides[axis] === natural[axis]);
}

export const transposed = (view: View, permutation: readonly number[]): View => ({
  ...view,
  shape: permutation.map((axis) => view.shape[axis]),
  strides: permutation.map((axis) => view.strides[axis]),
});

export function broadcast(view: View, shape: Shape): View {
  const lead = shape.length - view.shape.length;
  const strides = shape.map((n, axis) => {
    if (axis < lead) return 0;
    return view.shape[axis - lead] === 1 && n !== 1 ? 0 : view.strides[axis - lead];
  });
  return { ...view, shape, strides };
}

export function sliced(
  view: View,
  starts: readonly number[],
  limits: readonly number[],
  steps: readonly number[],
): View {
  return {
    ...view,
    shape: starts.map((start, axis) => Math.ceil((limits[axis] - start) / steps[axis])),
    strides: view.strides.map((stride, axis) => stride * steps[axis]),
    offset: starts.reduce((offset, start, axis) => offset + start * view.strides[axis], view.offset),
  };
}

export function flipped(view: View, axes: readonly number[]): View {
  return {
    ...view,
    strides: view.strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
    offset: axes.reduce((offset, axis) => offset + Math.max(0, view.shape[axis] - 1) * view.strides[axis], view.offset),
  };
}

/** The same elements in the same order under another shape, or null when no strides say so. */
export function reshaped(view: View, shape: Shape): View | null {
  const strides = reshapeStrides(view.shape, view.strides, shape);
  return strides && { ...view, shape, strides };
}

/** Strides under `to` of elements that `from` and `strides` describe (as NumPy's reshape without a copy), or null. */
export function reshapeStrides(from: Shape, strides: readonly number[], to: Shape): number[] | null {
  if (sizeOf(from) === 0) return stridesOf(to);
  const old = from.map((n, i) => ({ n, stride: strides[i] })).filter(({ n }) => n !== 1);
  const result = new Array<number>(to.length).fill(0);
  let taken = 0; // dimensions of `old` used up, from the front
  for (let i = 0; i < to.length; ) {
    if (to[i] === 1) {
      i++;
      continue;
    }
    // The shortest runs of old and new dimensions with the same number of elements.
    const first = taken;
    const start = i;
    let oldCount = old[taken++].n;
    let newCount = to[i++];
    while (oldCount !== newCount) {
      if (oldCount < newCount) oldCount *= old[taken++].n;
      else newCount *= to[i++];
    }
    for (let k = first; k + 1 < taken; k++) if (old[k].stride !== old[k + 1].stride * old[k + 1].n) return null;
    let stride = old[taken - 1].stride;
    for (let k = i - 1; k >= start; k--) {
      result[k] = stride;
      stride *= to[k];
    }
  }
  return result;
}
