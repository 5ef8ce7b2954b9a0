import type { BinaryName, CompareName, OpAttrs, OpName, UnaryName } from './attrs.ts';
import { type DType, isFloat } from './dtype.ts';
import { TensorError } from './error.ts';
import { type Aval, infer } from './infer.ts';
import { formatShape, normalizeAxis, type Shape, sameShape, sizeOf } from './shape.ts';

/** What arithmetic takes beside a tensor: a number adopts the tensor's dtype. */
export type Operand = Tensor | number;

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];

export interface ReduceOptions {
  /** Keep the reduced axes with size 1. Default false. */
  keepDims?: boolean;
}

let nextId = 0;

/**
 * A symbolic tensor: one node of a typed graph. It owns no memory; operations on it record further nodes.
 * Ids grow with creation and inputs are older than what uses them, so order by id is a topological order.
 */
export class Tensor<K extends OpName = OpName> {
  readonly id: number = nextId++;
  readonly op: K;
  readonly inputs: readonly Tensor[];
  readonly attrs: OpAttrs[K];
  readonly shape: Shape;
  readonly dtype: DType;

  /** Use `apply`, which infers shape and dtype. */
  constructor(op: K, inputs: readonly Tensor[], attrs: OpAttrs[K], aval: Aval) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.shape = aval.shape;
    this.dtype = aval.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Narrows to one op, so that its attributes are typed. */
  is<L extends OpName>(op: L): this is Tensor<L> {
    return (this.op as OpName) === op;
  }

  toString(): string {
    return `${this.op}: ${this.dtype}${formatShape(this.shape)}`;
  }

  // ── element-wise ──────────────────────────────────────────────────────────
  neg(): Tensor {
    return unary('neg', this);
  }
  abs(): Tensor {
    return unary('abs', this);
  }
  /** -1, 0 or 1; sign(0) = 0. */
  sign(): Tensor {
    return unary('sign', this);
  }
  exp(): Tensor {
    return unary('exp', this);
  }
  expm1(): Tensor {
    return unary('expm1', this);
  }
  log(): Tensor {
    return unary('log', this);
  }
  log1p(): Tensor {
    return unary('log1p', this);
  }
  sqrt(): Tensor {
    return unary('sqrt', this);
  }
  square(): Tensor {
    return this.mul(this);
  }
  reciprocal(): Tensor {
    return scalar(1, this.dtype).div(this);
  }
  sin(): Tensor {
    return unary('sin', this);
  }
  cos(): Tensor {
    return unary('cos', this);
  }
  tanh(): Tensor {
    return unary('tanh', this);
  }
  sigmoid(): Tensor {
    return unary('sigmoid', this);
  }
  erf(): Tensor {
    return unary('erf', this);
  }
  relu(): Tensor {
    return unary('relu', this);
  }
  /** x * Phi(x), exact (not the tanh approximation). */
  gelu(): Tensor {
    return apply('gelu', [this], {});
  }
  /** x * sigmoid(x), also called swish. */
  silu(): Tensor {
    return this.mul(this.sigmoid());
  }
  /** log(1 + exp(x)), without overflow. */
  softplus(): Tensor {
    return this.relu().add(this.abs().neg().exp().log1p());
  }
  floor(): Tensor {
    return unary('floor', this);
  }
  ceil(): Tensor {
    return unary('ceil', this);
  }
  /** To the nearest integer, halves to the even one. */
  round(): Tensor {
    return unary('round', this);
  }
  add(other: Operand): Tensor {
    return binary('add', this, other);
  }
  sub(other: Operand): Tensor {
    return binary('sub', this, other);
  }
  mul(other: Operand): Tensor {
    return binary('mul', this, other);
  }
  div(other: Operand): Tensor {
    return binary('div', this, other);
  }
  pow(exponent: Operand): Tensor {
    return binary('pow', this, exponent);
  }
  maximum(other: Operand): Tensor {
    return binary('maximum', this, other);
  }
  minimum(other: Operand): Tensor {
    return binary('minimum', this, other);
  }
  /** The nearest number in [low, high]. */
  clip(low: Operand, high: Operand): Tensor {
    return this.maximum(low).minimum(high);
  }

  // ── comparisons and logic ─────────────────────────────────────────────────
  eq(other: Operand): Tensor {
    return compare('eq', this, other);
  }
  ne(other: Operand): Tensor {
    return compare('ne', this, other);
  }
  lt(other: Operand): Tensor {
    return compare('lt', this, other);
  }
  le(other: Operand): Tensor {
    return compare('le', this, other);
  }
  gt(other: Operand): Tensor {
    return compare('gt', this, other);
  }
  ge(other: Operand): Tensor {
    return compare('ge', this, other);
  }
  and(other: Tensor): Tensor {
    return apply('and', [this, other], {});
  }
  or(other: Tensor): Tensor {
    return apply('or', [this, other], {});
  }
  not(): Tensor {
    return apply('not', [this], {});
  }
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : apply('cast', [this], { dtype });
  }
  /** The same numbers; derivatives do not pass. */
  stopGradient(): Tensor {
    return apply('stopGradient', [this], {});
  }

  // ── reductions ────────────────────────────────────────────────────────────
  /** Sum over `axes`, all of them by default. */
  sum(axes?: Axes, { keepDims = false }: ReduceOptions = {}): Tensor {
    return apply('sum', [this], { axes: this.axes('sum', axes), keepDims });
  }
  mean(axes?: Axes, options?: ReduceOptions): Tensor {
    const count = this.axes('mean', axes).reduce((product, axis) => product * this.shape[axis], 1);
    return this.sum(axes, options).div(count);
  }
  max(axes?: Axes, { keepDims = false }: ReduceOptions = {}): Tensor {
    return apply('max', [this], { axes: this.axes('max', axes), keepDims });
  }
  min(axes?: Axes, { keepDims = false }: ReduceOptions = {}): Tensor {
    return apply('min', [this], { axes: this.axes('min', axes), keepDims });
  }
  /** Index of the first largest element along `axis`, int32. */
  argmax(axis = -1): Tensor {
    return apply('argmax', [this], { axis: this.axis('argmax', axis) });
  }
  /** log(sum(exp(x))) over `axes`, without overflow. */
  logsumexp(axes?: Axes, { keepDims = false }: ReduceOptions = {}): Tensor {
    const over = this.axes('logsumexp', axes);
    const top = this.max(over, { keepDims: true }).stopGradient();
    const sum = this.sub(top).exp().sum(over, { keepDims: true }).log().add(top);
    return keepDims ? sum : sum.reshape(this.shape.filter((_, axis) => !over.includes(axis)));
  }
  /** Euclidean norm of all elements. */
  norm(): Tensor {
    return this.square().sum().sqrt();
  }
  /** Softmax over the last axis. */
  softmax(): Tensor {
    return apply('softmax', [this], {});
  }
  /** Log-softmax over the last axis. */
  logSoftmax(): Tensor {
    return apply('logSoftmax', [this], {});
  }

  // ── movement ──────────────────────────────────────────────────────────────
  /** At most one dimension may be -1: it takes what is left. */
  reshape(shape: Shape): Tensor {
    const hole = shape.indexOf(-1);
    const rest = sizeOf(shape.filter((n) => n !== -1));
    const full = hole < 0 ? shape : shape.map((n, i) => (i === hole ? this.size / rest : n));
    if (full.some((n) => !Number.isInteger(n) || n < 0)) {
      throw new TensorError('reshape', `${this} cannot become ${formatShape(shape)}`);
    }
    return sameShape(full, this.shape) ? this : apply('reshape', [this], { shape: full });
  }
  /** Reorders axes; without a permutation it reverses them. */
  transpose(permutation: readonly number[] = [...this.shape.keys()].reverse()): Tensor {
    const axes = permutation.map((axis) => this.axis('transpose', axis));
    return axes.every((axis, i) => axis === i) && axes.length === this.rank
      ? this
      : apply('transpose', [this], { permutation: axes });
  }
  broadcastTo(shape: Shape): Tensor {
    return sameShape(shape, this.shape) ? this : apply('broadcastTo', [this], { shape });
  }
  /** x[starts:limits:strides], one number for every axis; limits default to the end, strides to 1. */
  slice(
    starts: readonly number[],
    limits: readonly number[] = this.shape,
    strides: readonly number[] = starts.map(() => 1),
  ): Tensor {
    return apply('slice', [this], { starts, limits, strides });
  }
  /** Elements `start` to `limit` (exclusive) of one axis. */
  sliceAxis(axis: number, start: number, limit: number): Tensor {
    const at = this.axis('slice', axis);
    return this.slice(
      this.shape.map((_, i) => (i === at ? start : 0)),
      this.shape.map((n, i) => (i === at ? limit : n)),
    );
  }
  /** One index of one axis; the axis is removed. */
  at(axis: number, index: number): Tensor {
    const removed = this.axis('slice', axis);
    const position = index < 0 ? index + this.shape[removed] : index;
    return this.sliceAxis(axis, position, position + 1).reshape(this.shape.filter((_, i) => i !== removed));
  }
  /** Adds `low[i]` and `high[i]` elements of `value` around axis i and `interior[i]` between its neighbours. */
  pad(
    low: readonly number[],
    high: readonly number[],
    { value = 0, interior = low.map(() => 0) }: { value?: number; interior?: readonly number[] } = {},
  ): Tensor {
    return apply('pad', [this], { low, high, interior, value });
  }
  flip(axes: Axes): Tensor {
    return apply('flip', [this], { axes: this.axes('flip', axes) });
  }
  /** Elements of `axis` at `indices` (int32): the index shape replaces the axis. An index must lie in [0, size). */
  gather(indices: Tensor, axis = 0): Tensor {
    return apply('gather', [this, indices], { axis: this.axis('gather', axis) });
  }
  /** Equal parts of one axis, in order. */
  split(parts: number, axis = 0): Tensor[] {
    const at = this.axis('split', axis);
    const width = this.shape[at] / parts;
    if (!Number.isInteger(width)) {
      throw new TensorError('split', `axis ${axis} of ${this} does not part into ${parts} equal pieces`);
    }
    return Array.from({ length: parts }, (_, i) => this.sliceAxis(at, i * width, (i + 1) * width));
  }
  /** Inserts an axis of size 1. */
  expandDims(axis: number): Tensor {
    const at = normalizeAxis(axis, this.rank + 1);
    if (at === null) throw new TensorError('expandDims', `has no place ${axis} in ${this}`);
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }

  // ── linear algebra ────────────────────────────────────────────────────────
  /** Matrix product of the last two axes; batch axes broadcast. */
  matmul(other: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
    return apply('matmul', [this, other], { transposeA, transposeB });
  }
  /** Inner product of all elements. */
  dot(other: Tensor): Tensor {
    return this.mul(other).sum();
  }

  private axis(op: string, axis: number): number {
    const found = normalizeAxis(axis, this.rank);
    if (found === null) throw new TensorError(op, `has no axis ${axis} in ${this}`);
    return found;
  }

  private axes(op: string, axes: Axes | undefined): number[] {
    if (axes === undefined) return [...this.shape.keys()];
    return (typeof axes === 'number' ? [axes] : axes).map((axis) => this.axis(op, axis));
  }
}

/** Records one op; its shape rule refuses what the op cannot take. */
export function apply<K extends OpName>(op: K, inputs: readonly Tensor[], attrs: OpAttrs[K]): Tensor<K> {
  const wrong = inputs.findIndex((input) => !(input instanceof Tensor));
  if (wrong >= 0) throw new TensorError(op, `input ${wrong} is ${String(inputs[wrong])}, not a tensor`);
  return new Tensor(op, inputs, attrs, infer[op](inputs, attrs, op));
}

/** A constant of rank 0. */
export const scalar = (value: number, dtype: DType = 'float32'): Tensor =>
  apply('constant', [], { values: [value], shape: [], dtype });

const unary = (op: UnaryName, x: Tensor): Tensor => apply(op, [x], {});

/**
 * Brings two operands to one dtype. A number adopts the tensor's. A float scalar (rank 0) of another precision adopts that of
 * the tensor it meets, so that float64 hyperparameters scale float32 weights; two scalars meet in float64.
 */
export function promote(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === 'number') {
    if (typeof b === 'number') throw new TensorError(op, 'takes at least one tensor');
    return [lift(op, a, b.dtype), b];
  }
  if (!(a instanceof Tensor)) return [a, scalar(0)]; // refused by `apply`
  if (typeof b === 'number') return [a, lift(op, b, a.dtype)];
  if (!(b instanceof Tensor)) return [a, b]; // likewise
  if (a.dtype === b.dtype || !isFloat(a.dtype) || !isFloat(b.dtype)) return [a, b];
  if (a.rank === 0 && b.rank === 0) return [a.cast('float64'), b.cast('float64')];
  if (a.rank === 0) return [a.cast(b.dtype), b];
  if (b.rank === 0) return [a, b.cast(a.dtype)];
  return [a, b];
}

function lift(op: string, value: number, dtype: DType): Tensor {
  if (!isFloat(dtype) && !Number.isInteger(value)) {
    throw new TensorError(op, `the number ${value} does not fit a tensor of ${dtype}; cast the tensor first`);
  }
  return scalar(value, dtype);
}

const binary = (op: BinaryName, a: Operand, b: Operand): Tensor => apply(op, promote(op, a, b), {});
const compare = (op: CompareName, a: Operand, b: Operand): Tensor => apply(op, promote(op, a, b), {});
