import type { DType } from './dtype.ts';
import type { Shape } from './shape.ts';

/** Distribution of a declared random input; the runtime draws it, so every engine sees the same numbers. */
export type Distribution = 'uniform' | 'normal' | 'rademacher';

type None = Record<never, never>;
type Reduction = { readonly axes: readonly number[]; readonly keepDims: boolean };
type Pair = readonly [number, number];

/** Geometry of a 2-d convolution in NCHW. `padding` is [[top, bottom], [left, right]]. */
export interface ConvGeometry {
  readonly stride: Pair;
  readonly padding: readonly [Pair, Pair];
  readonly dilation: Pair;
  readonly groups: number;
}

/** Geometry of a 2-d pooling window in NCHW. */
export interface PoolGeometry {
  readonly window: Pair;
  readonly stride: Pair;
  readonly padding: readonly [Pair, Pair];
}

/** Element-wise functions of one float tensor. */
export interface UnaryAttrs {
  neg: None;
  abs: None;
  sign: None; // sign(0) = 0
  exp: None;
  expm1: None;
  log: None;
  log1p: None;
  sqrt: None;
  sin: None;
  cos: None;
  tanh: None;
  sigmoid: None;
  erf: None;
  relu: None; // derivative 0 at 0
  floor: None;
  ceil: None;
  round: None; // half to even
}

/** Element-wise functions of two numeric tensors of one dtype, with NumPy broadcasting. */
export interface BinaryAttrs {
  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  maximum: None;
  minimum: None;
}

/** Comparisons: two tensors of one dtype to bool, with NumPy broadcasting. */
export interface CompareAttrs {
  eq: None;
  ne: None;
  lt: None;
  le: None;
  gt: None;
  ge: None;
}

/** Element-wise functions of bools. */
export interface LogicAttrs {
  and: None;
  or: None;
  not: None;
}

/** Ops that have a faster native form on some engine; `expand.ts` says what they mean in terms of the others. */
export interface CompositeAttrs {
  /** x -> softmax over the last axis. */
  softmax: None;
  /** x -> log-softmax over the last axis. */
  logSoftmax: None;
  /** (logits [..., C], labels int32 [...]) -> loss per example [...], in nats. */
  crossEntropy: None;
  /** (x [..., n], gain [n], bias [n]) -> layer norm over the last axis. */
  layerNorm: { readonly epsilon: number };
  /** x [..., n] -> 1 / sqrt(variance + epsilon) over the last axis, [..., 1]: what layer norm multiplies by. */
  inverseStd: { readonly epsilon: number };
  /**
   * (what the inputs add to the gates [..., T, N, 4 h], hidden weights [..., 4 h, h]) -> hidden states [..., T, N, h] of an LSTM from a zero
   * state; gates in the order i, f, g, o. Leading axes of the weights broadcast.
   */
  lstm: None;
  /**
   * (as lstm) -> [..., 6, T, N, h]: what every step computes, the activated gates i, f, g, o, the cell c and the hidden state. Derivatives
   * need it.
   */
  lstmTrace: None;
  /** (trace, hidden weights, cotangent of the hidden states [..., T, N, h]) -> cotangent of what the inputs add to the gates. */
  lstmBackward: None;
  /**
   * Queries, keys and values side by side [..., T, 3 width], head j of each at the features [j d, (j + 1) d), d = width / heads -> what each
   * step takes of the values at or before it, softmax(q kᵀ / sqrt(d)) v for each head: [..., T, width].
   */
  causalAttention: { readonly heads: number };
  /** (as causalAttention, cotangent of its result [..., T, width]) -> cotangent of queries, keys and values. */
  causalAttentionBackward: { readonly heads: number };
  /** The exact GELU, x * Phi(x). */
  gelu: None;
}

/** Every op and its static attributes. Tables keyed by op are total records, so the compiler names what a new op lacks. */
export interface OpAttrs extends UnaryAttrs, BinaryAttrs, CompareAttrs, LogicAttrs, CompositeAttrs {
  // leaves
  /** A placeholder that the runtime fills. */
  parameter: { readonly name: string; readonly shape: Shape; readonly dtype: DType };
  /** Numbers known when the function is traced, row-major. */
  constant: { readonly values: readonly number[]; readonly shape: Shape; readonly dtype: DType };
  /** 0, 1, 2, ... along one axis. */
  iota: { readonly axis: number; readonly shape: Shape; readonly dtype: DType };
  /** A declared random input. Two leaves of one stream, shape and distribution hold the same numbers. */
  random: {
    readonly distribution: Distribution;
    readonly stream: string;
    readonly shape: Shape;
    readonly dtype: DType;
  };

  // identities of several kinds
  identity: None;
  stopGradient: None;
  cast: { readonly dtype: DType };
  /** (condition bool, a, b), with NumPy broadcasting. */
  where: None;

  // reductions
  sum: Reduction;
  max: Reduction;
  min: Reduction;
  /** Index of the first largest element along one axis, int32; the axis is removed. */
  argmax: { readonly axis: number };

  // movement
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcastTo: { readonly shape: Shape };
  /** x[start:limit:stride] on every axis; strides are positive. */
  slice: {
    readonly starts: readonly number[];
    readonly limits: readonly number[];
    readonly strides: readonly number[];
  };
  /** `low` and `high` elements of `value` before and after each axis, `interior` between neighbours. */
  pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
    readonly value: number;
  };
  concat: { readonly axis: number };
  flip: { readonly axes: readonly number[] };
  /** (x, indices int32) -> x.shape[:axis] + indices.shape + x.shape[axis+1:]. */
  gather: { readonly axis: number };
  /** Adjoint of gather: (indices int32, updates) -> zeros with `size` at `axis`, updates added; repeats accumulate. */
  scatterAdd: { readonly axis: number; readonly size: number };
  /** [..., k] -> [..., sum(sizes)]: element i repeated sizes[i] times. */
  segmentBroadcast: { readonly sizes: readonly number[] };
  /** Adjoint of segmentBroadcast: [..., sum(sizes)] -> [..., k], sums of consecutive runs. */
  segmentSum: { readonly sizes: readonly number[] };

  // linear algebra
  /** Batched product of the last two axes, each operand transposed there first if asked; batch axes broadcast. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** Symmetric [..., n, n] -> [..., n + 1, n]: row 0 the ascending eigenvalues, rows 1..n the matrix whose columns are the eigenvectors. */
  eigh: None;
  /** [..., m, n], m >= n -> Q of the thin QR decomposition, [..., m, n]: orthonormal columns; no diagonal entry of R = Q' x is negative. */
  qr: None;

  // convolution and pooling, NCHW; kernels are [out, in / groups, kh, kw]
  /** (x, kernel). */
  conv2d: ConvGeometry;
  /** Adjoint of conv2d in x: (dy, kernel) -> [N, C, height, width]. */
  conv2dInputGrad: ConvGeometry & { readonly inputSize: Pair };
  /** Adjoint of conv2d in the kernel: (x, dy) -> [out, in / groups, kh, kw]. */
  conv2dKernelGrad: ConvGeometry & { readonly kernelSize: Pair };
  maxPool: PoolGeometry;
  /** (x, t like x): the element of t at the place of each window's first maximum of x. */
  maxPoolGather: PoolGeometry;
  /** Adjoint of maxPoolGather in t: (x, dy) -> like x. */
  maxPoolScatter: PoolGeometry;
}

export type OpName = keyof OpAttrs;
export type UnaryName = keyof UnaryAttrs;
export type BinaryName = keyof BinaryAttrs;
export type CompareName = keyof CompareAttrs;
export type CompositeName = keyof CompositeAttrs;
/** What an engine computes: every op but the leaves that the runtime fills. */
export type ComputeName = Exclude<OpName, 'parameter' | 'random'>;
