import type { BinaryName, CompareName, LogicAttrs, PoolGeometry, UnaryName } from '../../tensor/attrs.ts';
import type { DType } from '../../tensor/dtype.ts';
import { type Shape, stridesOf } from '../../tensor/shape.ts';

/**
 * What the compiler works on: *values*, each a contiguous row-major buffer, read through strided *views*. Movement ops (transpose, slice,
 * flip, broadcast, most reshapes) are views and cost nothing; everything that computes is one of the kinds below.
 */
export type Value =
  | InputValue
  | ConstantValue
  | IotaValue
  | PointwiseValue
  | ReduceValue
  | SegmentSumValue
  | AssembleValue
  | MatmulValue
  | GatherValue
  | ScatterValue
  | ArgmaxValue
  | PoolValue
  | KernelGradValue
  | DecompositionValue
  | LstmValue
  | AttentionValue;

interface Base {
  /** Grows with creation: operands are older than what reads them. */
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A buffer that the caller binds. */
export interface InputValue extends Base {
  readonly kind: 'input';
  readonly index: number;
}
/** Known numbers. Those of size 1 become immediates of the code, others lie in the heap. */
export interface ConstantValue extends Base {
  readonly kind: 'constant';
  readonly values: readonly number[];
}
/** 0, 1, 2, ...: never stored, a view of it is an affine function of the loop indices. */
export interface IotaValue extends Base {
  readonly kind: 'iota';
}

export type PointwiseOp =
  | UnaryName
  | BinaryName
  | CompareName
  | keyof LogicAttrs
  | 'where'
  | 'cast'
  | 'copy'
  | 'segmentBroadcast';

/** An element-wise op. Operands have its shape, but the one of segmentBroadcast holds one number for each segment of the last axis. */
export interface PointwiseValue extends Base {
  readonly kind: 'pointwise';
  readonly op: PointwiseOp;
  readonly operands: readonly View[];
  readonly sizes?: readonly number[];
}

export type ReduceOp = 'sum' | 'max' | 'min';

/** A reduction of `operand` over `axes`; its shape is what remains, without them. `operand` need not exist as a buffer. */
export interface ReduceValue extends Base {
  readonly kind: 'reduce';
  readonly op: ReduceOp;
  readonly operand: View;
  readonly axes: readonly number[];
}
export interface SegmentSumValue extends Base {
  readonly kind: 'segmentSum';
  readonly operand: View;
  readonly sizes: readonly number[];
}
/** A buffer written piece by piece: concat, pad. */
export interface AssembleValue extends Base {
  readonly kind: 'assemble';
  /** What lies between the parts, when they do not cover everything. */
  readonly fill: number | null;
  readonly parts: readonly Part[];
}
/** `source` is written to the buffer from `offset` on with these strides, in elements. */
export interface Part {
  readonly source: View;
  readonly offset: number;
  readonly strides: readonly number[];
}
/** a [batch..., m, k] by b [batch..., k, n], any strides. */
export interface MatmulValue extends Base {
  readonly kind: 'matmul';
  readonly a: View;
  readonly b: View;
}
/** x [outer, size, inner] at indices [count] -> [outer, count, inner]; operands are contiguous. */
export interface GatherValue extends Base {
  readonly kind: 'gather';
  readonly x: View;
  readonly indices: View;
  readonly outer: number;
  readonly size: number;
  readonly count: number;
  readonly inner: number;
}
/** Adjoint of gather: updates [outer, count, inner] added to zeros [outer, size, inner]. */
export interface ScatterValue extends Base {
  readonly kind: 'scatter';
  readonly indices: View;
  readonly updates: View;
  readonly outer: number;
  readonly size: number;
  readonly count: number;
  readonly inner: number;
}
/** x [outer, size, inner], contiguous -> [outer, inner]. */
export interface ArgmaxValue extends Base {
  readonly kind: 'argmax';
  readonly x: View;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}
/** The max-pool family over contiguous NCHW images. `other` is t of maxPoolGather or dy of maxPoolScatter. */
export interface PoolValue extends Base {
  readonly kind: 'pool';
  readonly op: 'maxPool' | 'maxPoolGather' | 'maxPoolScatter';
  readonly x: View;
  readonly other: View | null;
  readonly pooled: Shape;
  readonly geometry: PoolGeometry;
}
/**
 * The gradient [out, C, kh, kw] of a kernel, of float32 with stride 1: x [N, C, H, W] is padded already and dy [N, out, h, w], both
 * contiguous.
 */
export interface KernelGradValue extends Base {
  readonly kind: 'kernelGrad';
  readonly x: View;
  readonly dy: View;
  readonly dilation: readonly [number, number];
}
/** Matrices that the host decomposes. */
export interface DecompositionValue extends Base {
  readonly kind: 'decomposition';
  readonly op: 'eigh' | 'qr';
  readonly x: View;
}

/**
 * All steps of an LSTM, forward or back. `x` is what the inputs add to the gates, or the trace; `panels` are the weights, packed
 * (`lstm.ts`).
 */
export interface LstmValue extends Base {
  readonly kind: 'lstm';
  readonly op: 'lstmTrace' | 'lstmBackward';
  readonly x: View;
  readonly dy: View | null;
  readonly panels: View;
  /** Do all lanes have the same weights? */
  readonly oneWeight: boolean;
  readonly lanes: number;
  readonly steps: number;
  readonly rows: number;
  readonly hidden: number;
}

/** Causal attention of float32, forward or back. `qkv` [..., steps, 3 heads size] and `dy` [..., steps, heads size] are contiguous. */
export interface AttentionValue extends Base {
  readonly kind: 'attention';
  readonly op: 'causalAttention' | 'causalAttentionBackward';
  readonly qkv: View;
  readonly dy: View | null;
  readonly sequences: number;
  readonly steps: number;
  readonly heads: number;
  /** Features of a head. */
  readonly size: number;
}

/** Elements of a value's buffer: element [i, j, ...] lies at offset + i * strides[0] + j * strides[1] + ... */
export interface View {
  readonly value: Value;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

type Fresh<V> = V extends Value ? Omit<V, 'id'> : never;
let nextId = 0;

/** Makes a value and its whole view. */
export function define(value: Fresh<Value>): View {
  return whole({ ...value, id: nextId++ } as Value);
}

export const whole = (value: Value): View => ({
  value,
  shape: value.shape,
  strides: stridesOf(value.shape),
  offset: 0,
});

/** Every view that a value reads. */
export function operandsOf(value: Value): readonly View[] {
  switch (value.kind) {
    case 'input':
    case 'constant':
    case 'iota':
      return [];
    case 'pointwise':
      return value.operands;
    case 'reduce':
    case 'segmentSum':
      return [value.operand];
    case 'assemble':
      return value.parts.map((part) => part.source);
    case 'matmul':
      return [value.a, value.b];
    case 'gather':
      return [value.x, value.indices];
    case 'scatter':
      return [value.indices, value.updates];
    case 'argmax':
    case 'decomposition':
      return [value.x];
    case 'pool':
      return value.other ? [value.x, value.other] : [value.x];
    case 'kernelGrad':
      return [value.x, value.dy];
    case 'attention':
      return value.dy ? [value.qkv, value.dy] : [value.qkv];
    case 'lstm':
      return value.dy ? [value.x, value.dy, value.panels] : [value.x, value.panels];
  }
}
