import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Disjoint subsets of the elements of one tensor: the rows (axis 1 is summed) or columns (axis 0) of it seen as a matrix `view`. */
export interface Subsets {
  readonly view: readonly [rows: number, columns: number];
  readonly axis: 0 | 1;
}

/** Consecutive groups of k elements, k a divisor of their number. */
export const consecutive = (size: number, k: number): Subsets => ({ view: [size / k, k], axis: 1 });
/** One subset for each output: what lies behind one index of the first axis. */
export const byRow = ({ shape, size }: { readonly shape: Shape; readonly size: number }): Subsets =>
  consecutive(size, size / shape[0]);
/** One subset for each element behind the first axis. */
export const byColumn = (leaf: { readonly shape: Shape; readonly size: number }): Subsets => ({
  ...byRow(leaf),
  axis: 0,
});

/** The shape of one number for each subset: it broadcasts against the view. */
export const subsetShape = ({ view: [rows, columns], axis }: Subsets): Shape => (axis === 0 ? [1, columns] : [rows, 1]);
/** How many elements a subset has. */
export const subsetSize = ({ view, axis }: Subsets): number => view[axis];

/** Sum over each subset. */
export const subsetSums = (x: Tensor, { view, axis }: Subsets): Tensor => x.reshape(view).sum(axis, { keepDims: true });

/** x over one number for each subset. */
export const divideSubsets = (x: Tensor, by: Tensor, { view }: Subsets): Tensor =>
  x.reshape(view).div(by).reshape(x.shape);
