import type { DType } from '../../tensor/dtype.ts';
import { broadcastShapes, type Shape, sizeOf, stridesOf } from '../../tensor/shape.ts';
import { define, type PointwiseOp, type ReduceOp, type View, whole } from './ir.ts';
import { broadcast, isRowMajor, reshaped, sliced, transposed } from './view.ts';

/** An element-wise op of views that broadcast together. */
export function pointwise(op: PointwiseOp, operands: readonly View[], dtype: DType): View {
  const shape = broadcastShapes(...operands.map((view) => view.shape)) as number[];
  return define({
    kind: 'pointwise',
    op,
    operands: operands.map((view) => broadcast(view, shape)),
    shape,
    dtype,
  });
}

export const constantView = (value: number, shape: Shape, dtype: DType): View =>
  broadcast(define({ kind: 'constant', values: [value], shape: [], dtype }), shape);

export const copied = (view: View): View => pointwise('copy', [view], view.value.dtype);

/** The view itself when its elements lie one after another, else a copy of which they do. */
export const rowMajor = (view: View): View =>
  isRowMajor(view.shape, view.strides) && view.value.kind !== 'iota' ? view : copied(view);

/** A view that lies in memory and runs forward: iota is computed where it is read. */
const stored = (view: View): View =>
  view.value.kind === 'iota' || view.strides.some((stride) => stride < 0) ? copied(view) : view;

/** [..., k] -> [..., sum(sizes)], each number repeated. */
export function segmentBroadcast(x: View, sizes: readonly number[], shape: Shape): View {
  if (sizes.length === 1) return broadcast(x, shape);
  if (shape[shape.length - 1] < 2) return atSegment(x, sizes.indexOf(1), shape[shape.length - 1]);
  return define({ kind: 'pointwise', op: 'segmentBroadcast', operands: [x], sizes, shape, dtype: x.value.dtype });
}

/** [..., sum(sizes)] -> [..., k], sums of runs. */
export function segmentSum(x: View, sizes: readonly number[], shape: Shape): View {
  const last = x.shape.length - 1;
  const { dtype } = x.value;
  if (sizes.length === 1) return reshape(reduce('sum', x, [last]), shape);
  if (sizeOf(x.shape) === 0) return constantView(0, shape, dtype);
  if (x.shape[last] === 1) {
    const at = sizes.indexOf(1);
    const side = (n: number): number[] => shape.map((_, axis) => (axis === last ? n : 0));
    return padded(x, side(at), side(sizes.length - 1 - at), side(0), 0);
  }
  return define({ kind: 'segmentSum', operand: x, sizes, shape, dtype });
}

/** The single element (or none) of segments that hold one element in all. */
function atSegment(x: View, at: number, count: number): View {
  const last = x.shape.length - 1;
  const from = Math.max(0, at);
  const pick = (inside: number, outside: readonly number[]) => outside.map((n, axis) => (axis === last ? inside : n));
  const ones = x.shape.map(() => 1);
  return sliced(
    x,
    pick(
      from,
      x.shape.map(() => 0),
    ),
    pick(from + count, x.shape),
    ones,
  );
}

export const reshape = (view: View, shape: Shape): View => reshaped(view, shape) ?? contiguous(copied(view), shape);

const contiguous = (view: View, shape: Shape): View => ({ ...whole(view.value), shape, strides: stridesOf(shape) });

export function reduce(op: ReduceOp, operand: View, axes: readonly number[]): View {
  const { dtype } = operand.value;
  const shape = operand.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.every((axis) => operand.shape[axis] === 1)) return reshape(operand, shape);
  if (sizeOf(operand.shape) === 0) return constantView(0, shape, dtype); // only sums may be empty
  return define({ kind: 'reduce', op, operand, axes, shape, dtype });
}

/** Elements added around and between; negative `low` and `high` take elements away. */
export function padded(
  view: View,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
  value: number,
): View {
  if ([...low, ...high, ...interior].every((n) => n === 0)) return view;
  const full = view.shape.map(
    (n, i) => Math.max(0, low[i]) + n + Math.max(0, n - 1) * interior[i] + Math.max(0, high[i]),
  );
  const strides = stridesOf(full);
  const part = {
    source: view,
    offset: strides.reduce((sum, stride, i) => sum + stride * Math.max(0, low[i]), 0),
    strides: strides.map((stride, i) => stride * (interior[i] + 1)),
  };
  const { dtype } = view.value;
  const whole = define({ kind: 'assemble', fill: value, parts: [part], shape: full, dtype });
  return sliced(
    whole,
    low.map((n) => Math.max(0, -n)),
    full.map((n, i) => n + Math.min(0, high[i])),
    full.map(() => 1),
  );
}

export function concatenated(parts: readonly View[], axis: number): View {
  const total = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  const shape = parts[0].shape.map((n, i) => (i === axis ? total : n));
  const strides = stridesOf(shape);
  let at = 0;
  const placed = parts.map((source) => {
    const offset = at * strides[axis];
    at += source.shape[axis];
    return { source, offset, strides };
  });
  return define({ kind: 'assemble', fill: null, parts: placed, shape, dtype: parts[0].value.dtype });
}

/** a [..., m, k] by b [..., k, n]. Thin products become fused multiply-and-sum loops: a register tile would be mostly empty. */
export function matmul(a: View, b: View): View {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) as number[];
  const [m, k] = a.shape.slice(-2);
  const n = b.shape[b.shape.length - 1];
  const { dtype } = a.value;
  const shape = [...batch, m, n];
  if (k === 0) return constantView(0, shape, dtype);
  if (m < 2 || n < 4) {
    const rank = batch.length;
    const left = withAxis(broadcast(a, [...batch, m, k]), rank, 1);
    const turned = transposed(broadcast(b, [...batch, k, n]), [...batch.keys(), rank + 1, rank]);
    const right = withAxis(turned, rank, 0);
    return reduce('sum', pointwise('mul', [left, right], dtype), [rank + 2]);
  }
  return define({
    kind: 'matmul',
    a: broadcast(stored(a), [...batch, m, k]),
    b: broadcast(stored(b), [...batch, k, n]),
    shape,
    dtype,
  });
}

/** Inserts an axis of size 1 after `skip` axes past the batch. */
function withAxis(view: View, rank: number, skip: number): View {
  const at = rank + skip;
  return {
    ...view,
    shape: [...view.shape.slice(0, at), 1, ...view.shape.slice(at)],
    strides: [...view.strides.slice(0, at), 0, ...view.strides.slice(at)],
  };
}
