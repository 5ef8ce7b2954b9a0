import type { DType } from '../../tensor/dtype.ts';
import { type Shape, stridesOf } from '../../tensor/shape.ts';
import { dimensions } from './domain.ts';
import { forwards, type Group, itemReads } from './fuse.ts';
import { type ConstantValue, define, type PointwiseValue, type ReduceOp, type Value, type View } from './ir.ts';
import { reshapeStrides } from './view.ts';

/** Where an iteration finds or puts an element of a value's buffer, in elements. */
export interface Access {
  readonly value: Value;
  readonly offset: number;
  /** For each dimension of the loop. */
  readonly strides: readonly number[];
  /** Elements from one segment to the next, for what is per segment. */
  readonly segmentStride: number;
}

/** A number in the body: loaded, or computed by an earlier step. */
export type Source = { readonly load: number } | { readonly step: number };
export interface Step {
  readonly value: PointwiseValue;
  readonly args: readonly Source[];
}
export interface Store {
  readonly access: Access;
  readonly source: Source;
}
export interface Fold extends Store {
  readonly op: ReduceOp;
  readonly dtype: DType;
  /** What one result covers: the folded dimensions, or one segment. */
  readonly scope: 'fold' | 'segment';
}

/** How threads share a kernel: it falls into `items` that write apart, and a task takes `perTask` of them. */
export interface Split {
  readonly items: number;
  readonly perTask: number;
}

/** A fused kernel: one pass over `dims`. */
export interface LoopKernel {
  readonly kind: 'loop';
  readonly dims: readonly number[];
  /** Which dimensions the folds run over. */
  readonly folds: readonly boolean[];
  /** Lengths of the runs of the last dimension: a table in memory. */
  readonly segments: ConstantValue | null;
  readonly split: Split | null;
  /** Where each task of a split over segments begins: piece, segment, element; the last row is the end. */
  readonly tasks: ConstantValue | null;
  readonly loads: readonly Access[];
  readonly steps: readonly Step[];
  readonly stores: readonly Store[];
  readonly results: readonly Fold[];
}

/** Writes the items of a group as one loop body. `stored` are the values that must reach memory. */
export function loopKernel(group: Group, stored: ReadonlySet<Value>): LoopKernel {
  if (!group.domain) throw new Error('not a loop');
  const { dims, folds } = dimensions(group.domain);
  const loads: Access[] = [];
  const found = new Map<string, number>();
  const steps: Step[] = [];
  const stores: Store[] = [];
  const results: Fold[] = [];
  const stepOf = new Map<Value, number>();

  const access = (view: View, segmented = false): Access => {
    const { value, offset } = view;
    if (!segmented) return { value, offset, strides: spread(view.shape, view.strides, dims), segmentStride: 0 };
    return { value, offset, ...perSegment(view.shape, view.strides, dims) };
  };
  const load = (one: Access): Source => {
    const key = `${one.value.id}:${one.offset}:${one.strides}:${one.segmentStride}`;
    const known = found.get(key);
    if (known !== undefined) return { load: known };
    found.set(key, loads.length);
    loads.push(one);
    return { load: loads.length - 1 };
  };
  const read = (view: View, segmented = false): Source => {
    const step = stepOf.get(view.value);
    return step !== undefined && forwards(view) && !segmented ? { step } : load(access(view, segmented));
  };
  const contiguous = (shape: Shape): number[] => spread(shape, stridesOf(shape), dims);

  for (const item of group.items) {
    const { value } = item;
    if (item.kind === 'fill') {
      const fill = number(item.value.fill ?? 0, value.dtype);
      const source = load({ value: fill, offset: 0, strides: dims.map(() => 0), segmentStride: 0 });
      stores.push({ access: { value, offset: 0, strides: contiguous(value.shape), segmentStride: 0 }, source });
    } else if (item.kind === 'part') {
      const { source, offset, strides } = item.part;
      const to = { value, offset, strides: spread(source.shape, strides, dims), segmentStride: 0 };
      stores.push({ access: to, source: read(source) });
    } else if (value.kind === 'pointwise') {
      const args = itemReads(item).map((view) => read(view, value.op === 'segmentBroadcast'));
      stepOf.set(value, steps.length);
      steps.push({ value, args });
      if (stored.has(value)) {
        const to = { value, offset: 0, strides: contiguous(value.shape), segmentStride: 0 };
        stores.push({ access: to, source: { step: steps.length - 1 } });
      }
    } else if (value.kind === 'reduce') {
      const kept = stridesOf(value.shape);
      let axis = 0;
      const strides = value.operand.shape.map((_, i) => (value.axes.includes(i) ? 0 : kept[axis++]));
      const to = { value, offset: 0, strides: spread(value.operand.shape, strides, dims), segmentStride: 0 };
      results.push({ access: to, source: read(value.operand), op: value.op, dtype: value.dtype, scope: 'fold' });
    } else if (value.kind === 'segmentSum') {
      const to = { value, offset: 0, ...perSegment(value.shape, stridesOf(value.shape), dims) };
      results.push({ access: to, source: read(value.operand), op: 'sum', dtype: value.dtype, scope: 'segment' });
    }
  }
  const segments = table(group.domain.segments);
  return { kind: 'loop', dims, folds, segments, split: null, tasks: null, loads, steps, stores, results };
}

const number = (value: number, dtype: DType): Value =>
  define({ kind: 'constant', values: [value], shape: [], dtype }).value;

const table = (sizes: readonly number[] | null): ConstantValue | null =>
  sizes && (define({ kind: 'constant', values: sizes, shape: [sizes.length], dtype: 'int32' }).value as ConstantValue);

/** Strides of a view seen under the dimensions of the loop, which cut it nowhere but where it can be cut. */
function spread(shape: Shape, strides: readonly number[], dims: readonly number[]): number[] {
  const found = reshapeStrides(shape, strides, dims);
  if (!found) throw new Error(`[${shape}] does not fit the loop [${dims}]`);
  return found;
}

/** As `spread`, for a view with one element for each segment of the loop's last dimension. */
function perSegment(
  shape: Shape,
  strides: readonly number[],
  dims: readonly number[],
): { strides: number[]; segmentStride: number } {
  const outer = spread(shape.slice(0, -1), strides.slice(0, -1), dims.slice(0, -1));
  return { strides: [...outer, 0], segmentStride: strides[strides.length - 1] };
}
