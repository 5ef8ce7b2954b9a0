import type { ConvGeometry, PoolGeometry } from './attrs.ts';
import type { DType } from './dtype.ts';
import { TensorError } from './error.ts';
import { type Shape, sizeOf } from './shape.ts';
import { apply, type Operand, promote, scalar, type Tensor } from './tensor.ts';

/** Nested arrays of numbers, all rows of one length. */
export type Nested = number | readonly Nested[];

/** A tensor of known numbers: `constant([[1, 2], [3, 4]])`, or flat values with their shape. */
export function constant(values: Nested, { shape, dtype = 'float32' }: { shape?: Shape; dtype?: DType } = {}): Tensor {
  const found: number[] = [];
  for (let level = values; typeof level !== 'number'; level = level[0]) {
    found.push(level.length);
    if (level.length === 0) break;
  }
  const flat = (
    typeof values === 'number' ? [values] : (values as readonly unknown[]).flat(Number.POSITIVE_INFINITY)
  ) as number[];
  if (!shape && flat.length !== sizeOf(found)) throw new TensorError('constant', 'rows differ in length');
  return apply('constant', [], { values: flat, shape: shape ?? found, dtype });
}

/** A placeholder that the caller of the compiled graph fills. */
export const parameter = (name: string, shape: Shape, dtype: DType = 'float32'): Tensor<'parameter'> =>
  apply('parameter', [], { name, shape, dtype });

export const full = (shape: Shape, value: number, dtype: DType = 'float32'): Tensor =>
  scalar(value, dtype).broadcastTo(shape);
export const zeros = (shape: Shape, dtype: DType = 'float32'): Tensor => full(shape, 0, dtype);
export const ones = (shape: Shape, dtype: DType = 'float32'): Tensor => full(shape, 1, dtype);

/** 0, 1, ..., n - 1. */
export const arange = (n: number, dtype: DType = 'int32'): Tensor => apply('iota', [], { axis: 0, shape: [n], dtype });

/** The identity matrix. */
export const eye = (n: number, dtype: DType = 'float32'): Tensor => arange(n).reshape([n, 1]).eq(arange(n)).cast(dtype);

/** a where the condition holds, b elsewhere; all three broadcast. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  apply('where', [condition, ...promote('where', a, b)], {});

/** Joins along an existing axis. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 1) return tensors[0];
  return apply('concat', tensors, { axis: axis < 0 ? axis + (tensors[0]?.rank ?? 0) : axis });
}

/** Joins along a new axis. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const at = axis < 0 ? axis + (tensors[0]?.rank ?? 0) + 1 : axis;
  return concat(
    tensors.map((t) => t.expandDims(at)),
    at,
  );
}

/** Zeros with `size` at `axis`, the updates added at `indices` (int32); repeated indices accumulate. */
export const scatterAdd = (
  indices: Tensor,
  updates: Tensor,
  { axis = 0, size }: { axis?: number; size: number },
): Tensor => apply('scatterAdd', [indices, updates], { axis, size });

/** The element of x at indices[...] of the last axis: x [..., n], indices int32 [...] -> [...]. */
export function takeLast(x: Tensor, indices: Tensor): Tensor {
  const n = x.shape[x.rank - 1];
  const rows = x.size / n;
  const at = indices.reshape([rows]);
  // An index outside its row would meet the next one: -1 lies outside of all.
  const flat = where(at.ge(0).and(at.lt(n)), arange(rows).mul(n).add(at), -1);
  return x.reshape([x.size]).gather(flat).reshape(indices.shape);
}

/** 1 at the index, 0 elsewhere, along a new last axis. */
export const oneHot = (indices: Tensor, classes: number, dtype: DType = 'float32'): Tensor =>
  indices.expandDims(indices.rank).eq(arange(classes)).cast(dtype);

/** Cross-entropy of each row in nats: logits [..., classes], labels int32 [...] -> [...]. */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor => apply('crossEntropy', [logits, labels], {});

/** Layer norm over the last axis with gain and bias (Ba et al. 2016, arXiv:1607.06450, eq. 4). */
export const layerNorm = (x: Tensor, gain: Tensor, bias: Tensor, { epsilon = 1e-5 } = {}): Tensor =>
  apply('layerNorm', [x, gain, bias], { epsilon });

/** Eigenvalues (ascending) and eigenvectors (columns) of symmetric matrices; only the lower triangle need be right. */
export function eigh(a: Tensor): { values: Tensor; vectors: Tensor } {
  const packed = apply('eigh', [a], {});
  return { values: packed.at(-2, 0), vectors: packed.sliceAxis(-2, 1, packed.shape[packed.rank - 2]) };
}

/** Orthonormal columns that span those of x [..., m, n], m >= n, one after the other: Q of the thin QR decomposition. */
export const orthonormalize = (x: Tensor): Tensor => apply('qr', [x], {});

type Two = number | readonly [number, number];
const pair = (value: Two): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);

/** 'valid' pads nothing, 'same' keeps ceil(size / stride); a number pads every side. */
export type Padding = 'valid' | 'same' | Two | ConvGeometry['padding'];

function resolvePadding(
  padding: Padding,
  size: readonly number[],
  window: readonly number[],
  stride: readonly number[],
): ConvGeometry['padding'] {
  if (padding === 'valid') return [[0, 0], [0, 0]]; // biome-ignore format: one line reads better
  if (padding === 'same') {
    const side = (i: number): [number, number] => {
      const total = Math.max(0, (Math.ceil(size[i] / stride[i]) - 1) * stride[i] + window[i] - size[i]);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    };
    return [side(0), side(1)];
  }
  if (typeof padding === 'number') return resolvePadding([padding, padding], size, window, stride);
  const [a, b] = padding;
  return typeof a === 'number' || typeof b === 'number'
    ? [[a as number, a as number], [b as number, b as number]] // biome-ignore format: one line reads better
    : [a, b];
}

export interface ConvOptions {
  stride?: Two;
  padding?: Padding;
  dilation?: Two;
  groups?: number;
}

/** 2-d convolution (cross-correlation): x [N, C, H, W], kernel [out, C / groups, kh, kw] -> [N, out, H', W']. */
export function conv2d(x: Tensor, kernel: Tensor, options: ConvOptions = {}): Tensor {
  const stride = pair(options.stride ?? 1);
  const dilation = pair(options.dilation ?? 1);
  const extent = kernel.shape.slice(2).map((k, i) => dilation[i] * (k - 1) + 1);
  const padding = resolvePadding(options.padding ?? 'valid', x.shape.slice(2), extent, stride);
  return apply('conv2d', [x, kernel], { stride, padding, dilation, groups: options.groups ?? 1 });
}

export interface PoolOptions {
  /** Defaults to the window: windows that do not overlap. */
  stride?: Two;
  padding?: Padding;
}

const poolGeometry = (x: Tensor, window: Two, { stride, padding = 'valid' }: PoolOptions): PoolGeometry => {
  const size = pair(window);
  const step = pair(stride ?? window);
  return { window: size, stride: step, padding: resolvePadding(padding, x.shape.slice(2), size, step) };
};

/** Largest element of each window of the last two axes of [N, C, H, W]. */
export const maxPool = (x: Tensor, window: Two, options: PoolOptions = {}): Tensor =>
  apply('maxPool', [x], poolGeometry(x, window, options));

/** Mean of each window of the last two axes of [N, C, H, W]; padding counts as zeros. */
export function avgPool(x: Tensor, window: Two, options: PoolOptions = {}): Tensor {
  const { window: size, stride, padding } = poolGeometry(x, window, options);
  const [n, c, h, w] = x.shape;
  const kernel = full([1, 1, ...size], 1 / sizeOf(size), x.dtype);
  const pooled = conv2d(x.reshape([n * c, 1, h, w]), kernel, { stride, padding });
  return pooled.reshape([n, c, ...pooled.shape.slice(2)]);
}
