import type { BinaryName, CompareName, LogicAttrs, OpAttrs, OpName, UnaryName } from './attrs.ts';
import { ones, where, zeros } from './functions.ts';
import { apply, scalar, type Tensor } from './tensor.ts';

/** Ops that act element by element, with broadcasting. */
export type ElementwiseName =
  | UnaryName
  | BinaryName
  | CompareName
  | keyof LogicAttrs
  | 'identity'
  | 'stopGradient'
  | 'where'
  | 'gelu';

/** t times the partial derivative of y = op(a, b, c) in one input; null where that is zero everywhere or does not exist. */
export type Partial = ((t: Tensor, y: Tensor, a: Tensor, b: Tensor, c: Tensor) => Tensor) | null;

/** 1/x, but 0 at x = 0, also in every further derivative: x = 0 divides by infinity. */
const finiteInverse = (x: Tensor): Tensor => scalar(1, x.dtype).div(where(x.eq(0), Number.POSITIVE_INFINITY, x));

/**
 * The number that every element of a tensor is known to be when traced, or null. It does not look through `identity`: that may be a
 * variable of a further derivative.
 */
function knownNumber(x: Tensor): number | null {
  let node = x;
  while (node.is('broadcastTo') || node.is('cast')) node = node.inputs[0];
  return node.is('constant') && node.attrs.values.length === 1 ? node.attrs.values[0] : null;
}

/** t * b * a^(b-1). Infinite at a = 0 where b < 1, but 0 where b = 0. */
function powerRule(t: Tensor, a: Tensor, b: Tensor): Tensor {
  const exponent = knownNumber(b);
  if (exponent === 0) return t.mul(0);
  if (exponent === 1) return t;
  if (exponent === 2) return t.mul(a).mul(2);
  if (exponent !== null) return t.mul(a.pow(exponent - 1)).mul(exponent);
  return t.mul(b).mul(a.pow(where(b.eq(0), 1, b.sub(1))));
}

/** 1 where the comparison holds, 1/2 at ties, 0 elsewhere. */
const share = (holds: Tensor, ties: Tensor, t: Tensor): Tensor => where(ties, 0.5, holds.cast(t.dtype)).mul(t);

/** (x Phi(x))' = Phi(x) + x phi(x); with s = x / sqrt 2 that is (erf(s) + 1) / 2 + s exp(-s^2 - log(sqrt pi)): the fewest passes found. */
function geluSlope(x: Tensor): Tensor {
  const s = x.mul(Math.SQRT1_2);
  const density = scalar(-0.5 * Math.log(Math.PI), x.dtype)
    .sub(s.square())
    .exp();
  return s.erf().add(1).mul(0.5).add(s.mul(density));
}
const none = [null, null] as const;

/**
 * Partial derivatives of the element-wise ops, one for each input. A product with a partial derivative is its own adjoint,
 * so both modes of differentiation read this one table.
 */
export const partials: { readonly [K in ElementwiseName]: readonly Partial[] } = {
  neg: [(t) => t.neg()],
  abs: [(t, _, x) => t.mul(x.sign())], // 0 at 0
  sign: [null],
  exp: [(t, y) => t.mul(y)],
  expm1: [(t, y) => t.mul(y.add(1))],
  log: [(t, _, x) => t.div(x)],
  log1p: [(t, _, x) => t.div(x.add(1))],
  sqrt: [(t, y) => t.mul(finiteInverse(y)).mul(0.5)], // 0 at 0, so that the norm of a zero vector has the subgradient 0
  sin: [(t, _, x) => t.mul(x.cos())],
  cos: [(t, _, x) => t.mul(x.sin()).neg()],
  tanh: [(t, y) => t.mul(scalar(1, y.dtype).sub(y.square()))],
  sigmoid: [(t, y) => t.mul(y).mul(scalar(1, y.dtype).sub(y))],
  erf: [(t, _, x) => t.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI))],
  relu: [(t, y) => where(y.gt(0), t, 0)],
  floor: [null],
  ceil: [null],
  round: [null],

  add: [(t) => t, (t) => t],
  sub: [(t) => t, (t) => t.neg()],
  mul: [(t, _, __, b) => t.mul(b), (t, _, a) => t.mul(a)],
  div: [(t, _, __, b) => t.div(b), (t, y, _, b) => t.mul(y).div(b).neg()],
  // d a^b / db = a^b log a, counted as 0 at a = 0
  pow: [(t, _, a, b) => powerRule(t, a, b), (t, y, a) => t.mul(y).mul(where(a.eq(0), 1, a).log())],
  maximum: [(t, _, a, b) => share(a.gt(b), a.eq(b), t), (t, _, a, b) => share(b.gt(a), a.eq(b), t)],
  minimum: [(t, _, a, b) => share(a.lt(b), a.eq(b), t), (t, _, a, b) => share(b.lt(a), a.eq(b), t)],

  eq: none,
  ne: none,
  lt: none,
  le: none,
  gt: none,
  ge: none,
  and: none,
  or: none,
  not: [null],

  identity: [(t) => t],
  stopGradient: [null],
  where: [null, (t, _, condition) => where(condition, t, 0), (t, _, condition) => where(condition, 0, t)],
  gelu: [(t, _, x) => t.mul(geluSlope(x))],
};

/** Is the derivative zero wherever it exists? */
export const isFlat = (op: OpName): boolean =>
  op in partials && partials[op as ElementwiseName].every((partial) => partial === null);

/** A table with one entry for all element-wise ops. */
export const forElementwise = <Entry>(entry: Entry): { readonly [K in ElementwiseName]: Entry } =>
  Object.fromEntries(Object.keys(partials).map((op) => [op, entry])) as { [K in ElementwiseName]: Entry };

// ── what else the two modes share ──────────────────────────────────────────

/** Keeps reduced axes with size 1. */
export const withReduced = (y: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  y.reshape(x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)));

/** The derivative of an extremum over `axes`: one over the number of ties at each place that attains it, 0 elsewhere. */
export function tieWeights(x: Tensor, y: Tensor, axes: OpAttrs['max']['axes']): Tensor {
  const attains = x.eq(withReduced(y, x, axes)).cast(x.dtype);
  return attains.div(attains.sum(axes, { keepDims: true }));
}

/** x -> y * (x - sum(x * y)): the Jacobian of softmax at its value y, a symmetric matrix. */
export const softmaxJacobian = (y: Tensor, t: Tensor): Tensor => y.mul(t.sub(t.mul(y).sum(-1, { keepDims: true })));

/** Layer norm before gain and bias. */
const unitRows = (x: Tensor, epsilon: number): Tensor => {
  const n = x.shape.slice(-1);
  return apply('layerNorm', [x, ones(n, x.dtype), zeros(n, x.dtype)], { epsilon });
};

/** Layer norm before gain and bias: its value, and its Jacobian t -> (t - mean(t) - unit * mean(t * unit)) / std, a symmetric matrix. */
export function standardize(x: Tensor, epsilon: number): { unit: Tensor; jacobian: (t: Tensor) => Tensor } {
  const unit = unitRows(x, epsilon);
  const jacobian = (t: Tensor): Tensor =>
    t
      .sub(t.mean(-1, { keepDims: true }))
      .sub(unit.mul(t.mul(unit).mean(-1, { keepDims: true })))
      .mul(apply('inverseStd', [x], { epsilon }));
  return { unit, jacobian };
}

/** d inverseStd / dx = -unit * y^2 / n, where y is its value. */
export const inverseStdSlope = (x: Tensor, y: Tensor, epsilon: number): Tensor =>
  unitRows(x, epsilon)
    .mul(y.square())
    .mul(-1 / x.shape[x.rank - 1]);

/** Row 0 and the rest of a packed eigh: the eigenvalues [..., 1, n] and the eigenvectors [..., n, n]. */
export const unpackEigh = (packed: Tensor): { values: Tensor; vectors: Tensor } => ({
  values: packed.sliceAxis(-2, 0, 1),
  vectors: packed.sliceAxis(-2, 1, packed.shape[packed.rank - 2]),
});

/**
 * F_ij = 1 / (w_j - w_i), and 0 where the eigenvalues are equal. With degenerate eigenvalues derivatives are right only for functions that do
 * not depend on which basis of the eigenspace was taken.
 */
export const inverseGaps = (values: Tensor): Tensor => {
  const n = values.shape[values.rank - 1];
  return finiteInverse(values.sub(values.reshape([...values.shape.slice(0, -2), n, 1])));
};

/** Swaps the last two axes. */
export const swapLast = (x: Tensor): Tensor => x.transpose([...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);

/** (x + x') / 2: eigh is defined on symmetric matrices, so its derivatives are too. */
export const symmetrize = (x: Tensor): Tensor => x.add(swapLast(x)).mul(0.5);
