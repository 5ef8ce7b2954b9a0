import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { View } from './ir.ts';
import type { Item } from './item.ts';
import { isRowMajor } from './view.ts';

/**
 * The iteration space of a fused loop. Members may see it under different shapes ([6] and [2, 3]); they agree element by element in
 * row-major order. `cuts` are the products of trailing dimensions that the strides of some member depend on.
 */
export interface Domain {
  readonly size: number;
  readonly cuts: readonly number[];
  /** Runs of the last axis that share a value or a sum. */
  readonly segments: readonly number[] | null;
  /** What a reduction folds, as spans [from, to) of trailing products; null when nothing is folded. */
  readonly folded: readonly (readonly [number, number])[] | null;
}

/** Products of trailing dimensions, without 1 and the whole. */
function cutsOf(shape: Shape): number[] {
  const size = sizeOf(shape);
  let product = 1;
  return shape
    .toReversed()
    .map((n) => (product *= n))
    .filter((cut) => cut !== 1 && cut !== size);
}

const isUniform = (view: View): boolean => view.strides.every((stride, i) => stride === 0 || view.shape[i] === 1);

const cutsOfView = (view: View): number[] =>
  isRowMajor(view.shape, view.strides) || isUniform(view) ? [] : cutsOf(view.shape);

const unique = (cuts: readonly number[]): number[] => [...new Set(cuts)].sort((a, b) => a - b);

const plain = (shape: Shape, cuts: readonly number[]): Domain => ({
  size: sizeOf(shape),
  cuts: unique(cuts),
  segments: null,
  folded: null,
});

/** The iteration space of one item, or null when it is no loop of this kind. */
export function domainOf(item: Item): Domain | null {
  if (item.kind === 'special') return null;
  const { value } = item;
  if (item.kind === 'fill') return plain(value.shape, []);
  if (item.kind === 'part') {
    const { source, strides } = item.part;
    const placed = isRowMajor(source.shape, strides) ? [] : cutsOf(source.shape);
    return plain(source.shape, [...cutsOfView(source), ...placed]);
  }
  if (value.kind === 'pointwise') {
    if (!value.sizes) return plain(value.shape, value.operands.flatMap(cutsOfView));
    return segmented(value.shape, value.sizes);
  }
  if (value.kind === 'segmentSum') return segmented(value.operand.shape, value.sizes);
  if (value.kind !== 'reduce') return null;
  const { operand, axes } = value;
  const folded = spans(operand.shape, axes);
  const size = sizeOf(operand.shape);
  const edges = folded.flat().filter((edge) => edge !== 1 && edge !== size);
  return { ...plain(operand.shape, [...cutsOfView(operand), ...edges]), folded };
}

const segmented = (shape: Shape, sizes: readonly number[]): Domain => ({
  ...plain(shape, cutsOf(shape)),
  segments: sizes,
});

/** Neighbouring folded axes count as one. */
function spans(shape: Shape, axes: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  let inner = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const outer = inner * shape[axis];
    if (axes.includes(axis) && outer !== inner) {
      const last = found.at(-1);
      if (last && last[1] === inner) last[1] = outer;
      else found.push([inner, outer]);
    }
    inner = outer;
  }
  return found;
}

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Whether one loop can serve both. */
export function accept(a: Domain, b: Domain): boolean {
  if (a.size !== b.size) return false;
  if (a.segments && b.segments && !sameNumbers(a.segments, b.segments)) return false;
  if (a.folded && b.folded && !sameNumbers(a.folded.flat(), b.folded.flat())) return false;
  const { cuts, segments, folded, size } = join(a, b);
  if (![1, ...cuts].every((cut, i) => ([...cuts, size][i] ?? size) % cut === 0)) return false;
  if (!segments) return true;
  const run = segments.reduce((sum, n) => sum + n, 0);
  if (cuts.some((cut) => cut < run)) return false;
  return !folded || folded.length === 0 || (folded[0][0] === 1 && folded[0][1] >= run);
}

export const join = (a: Domain, b: Domain): Domain => ({
  size: a.size,
  cuts: unique([...a.cuts, ...b.cuts]),
  segments: a.segments ?? b.segments,
  folded: a.folded ?? b.folded,
});

/** Its dimensions, outermost first, and which of them a reduction folds. */
export function dimensions({ size, cuts, segments, folded }: Domain): { dims: number[]; folds: boolean[] } {
  const run = segments?.reduce((sum, n) => sum + n, 0);
  const edges = unique([1, ...cuts, ...(run === undefined ? [] : [run]), size]);
  const dims: number[] = [];
  const folds: boolean[] = [];
  for (let i = edges.length - 1; i > 0; i--) {
    dims.push(edges[i] / edges[i - 1]);
    folds.push((folded ?? []).some(([from, to]) => from <= edges[i - 1] && edges[i] <= to));
  }
  return { dims, folds };
}
