import { Bundle, type Leaf, perTensor } from '../../tensor/bundle.ts';
import { arange, concat, eigh, where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { asMatrix } from './as-matrix.ts';
import type { Orthogonalizer } from './orthogonalize.ts';
import { polar } from './polar.ts';

/**
 * Norms of weight matrices and their duality maps. Bernstein & Newhouse 2024, "Old Optimizer, New Norm: An Anthology", arXiv:2409.20325.
 *
 * Steepest descent under |.| minimises <G, D> + (sharpness / 2) |D|^2. Its step is -(|G|* / sharpness) direction(G), where
 *
 *   |G|* = max <G, T> over |T| <= 1  (`dual`)   and   direction(G) = the T that attains it.
 *
 * Matrices are operators [outputs, inputs]. A norm a -> b is the largest |W x|_b over |x|_a <= 1.
 */
export interface Norm {
  /** |W|, a scalar. */
  value(W: Tensor): Tensor;
  /** |G|*, a scalar. */
  dual(G: Tensor): Tensor;
  /** The duality map: <G, direction> = |G|* and |direction| = 1; 0 for 0. Lengths are divided by after `eps` is added to them. */
  direction(G: Tensor, eps?: number): Tensor;
}

/** The same for the vectors along one axis of a matrix; the axis stays, with size 1. */
interface VectorNorm {
  value(x: Tensor, axis: number): Tensor;
  dual(x: Tensor, axis: number): Tensor;
  direction(x: Tensor, axis: number, eps: number): Tensor;
}

const keepDims = { keepDims: true };
const length = (x: Tensor, axes: number | readonly number[]) => x.square().sum(axes, keepDims).sqrt();
const unitVector = (x: Tensor, norm: Tensor, eps: number) => x.div(where(norm.gt(0), norm.add(eps), 1));

/** 1 at the first of the largest elements along an axis, 0 elsewhere. */
function firstLargest(x: Tensor, axis: number): Tensor {
  const places = arange(x.shape[axis]).reshape(axis === 0 ? [-1, 1] : [1, -1]);
  return places.eq(x.argmax(axis).expandDims(axis)).cast(x.dtype);
}

/** Sum of sizes; its direction is one coordinate alone. */
export const l1: VectorNorm = {
  value: (x, axis) => x.abs().sum(axis, keepDims),
  dual: (x, axis) => x.abs().max(axis, keepDims),
  direction: (x, axis) => x.sign().mul(firstLargest(x.abs(), axis)),
};

/** Euclidean length. */
export const l2: VectorNorm = {
  value: length,
  dual: length,
  direction: (x, axis, eps) => unitVector(x, length(x, axis), eps),
};

/** Largest size; its direction is the sign. */
export const linf: VectorNorm = { value: l1.dual, dual: l1.value, direction: (x) => x.sign() };

const largest = (norm: VectorNorm, axis: number): Norm => ({
  value: (W) => norm.value(W, axis).max(),
  dual: (G) => norm.dual(G, axis).sum(),
  direction: (G, eps = 0) => norm.direction(G, axis, eps),
});

/** l1 -> lp: the largest column p-norm. */
export const columns = (norm: VectorNorm): Norm => largest(norm, 0);

/** lp -> linf: the largest row norm, in the dual of lp, which is what to give here. */
export const rows = (norm: VectorNorm): Norm => largest(norm, 1);

/** The Euclidean norm of all entries. */
export const frobenius: Norm = {
  value: (W) => W.norm(),
  dual: (G) => G.norm(),
  direction: (G, eps = 0) => unitVector(G, length(G, [0, 1]), eps),
};

const gram = (W: Tensor): Tensor =>
  W.shape[0] > W.shape[1] ? W.matmul(W, { transposeA: true }) : W.matmul(W, { transposeB: true });

/** l2 -> l2: the largest singular value. Its dual is the nuclear norm, its direction U V' of G = U S V'. */
export const spectral = (orthogonalize: Orthogonalizer = polar): Norm => ({
  value: (W) => eigh(gram(W)).values.max().sqrt(),
  dual: (G) => G.mul(orthogonalize(G)).sum(),
  direction: (G) => orthogonalize(G),
});

/** The norm over `factor`: its ball, and so its direction, is `factor` times as large. */
export const scaled = (norm: Norm, factor: number): Norm => ({
  value: (W) => norm.value(W).div(factor),
  dual: (G) => norm.dual(G).mul(factor),
  direction: (G, eps = 0) => norm.direction(G, eps * factor).mul(factor),
});

type Make = (r: number, c: number, orthogonalize: Orthogonalizer) => Norm;

const named = {
  frobenius: () => frobenius,
  /** Largest entry, l1 -> linf. Direction: signs. */
  max: () => columns(linf),
  /** l2 -> l2. Direction: U V'. */
  spectral: (_r, _c, orthogonalize) => spectral(orthogonalize),
  /** RMS -> RMS, sqrt(c / r) times the spectral norm: linear layers of any width. */
  rms: (r, c, orthogonalize) => scaled(spectral(orthogonalize), Math.sqrt(r / c)),
  /** Largest column, l1 -> l2. */
  column: () => columns(l2),
  /** l1 -> RMS: embeddings, whose inputs are one-hot. Of a vector: its root mean square. */
  'column-rms': (r) => scaled(columns(l2), Math.sqrt(r)),
  /** Largest row, l2 -> linf. */
  row: () => rows(l2),
  /** RMS -> linf. */
  'row-rms': (_r, c) => scaled(rows(l2), 1 / Math.sqrt(c)),
  /** Largest sum of a column, l1 -> l1. Direction: one entry of each column. */
  'column-sum': () => columns(l1),
  /** Largest sum of a row, linf -> linf. Direction: one entry of each row. */
  'row-sum': () => rows(l1),
} as const satisfies Record<string, Make>;

export type NormName = keyof typeof named;
export const normNames = Object.keys(named) as NormName[];

/** A norm of [r, c] matrices by name. */
export const namedNorm = (name: NormName, [r, c]: readonly number[], orthogonalize: Orthogonalizer = polar): Norm =>
  (named[name] as Make)(r, c, orthogonalize);

// ── tensors of a model ──────────────────────────────────────────────────────

/** What a tensor is to a norm: its role, or 'vector' below two axes. Matrices and kernels are one kind. */
export type Kind = 'matrix' | 'embedding' | 'head' | 'vector';
export const kindOf = ({ role, shape }: Leaf): Kind => {
  if (shape.length < 2) return 'vector';
  return role === 'embedding' || role === 'head' ? role : 'matrix';
};

/** A tensor as an operator: kernels flattened behind their outputs, embeddings [vocabulary, width] transposed, vectors as one column. */
export const asOperator = (x: Tensor, leaf: Leaf): Tensor =>
  kindOf(leaf) === 'embedding' ? asMatrix(x).transpose() : asMatrix(x);

const asLeaf = (D: Tensor, leaf: Leaf): Tensor =>
  (kindOf(leaf) === 'embedding' ? D.transpose() : D).reshape(leaf.shape);

/** The shape of a tensor as an operator. */
export function operatorShape(leaf: Leaf): [outputs: number, inputs: number] {
  const first = leaf.shape[0] ?? 1;
  const rest = leaf.size / first;
  return kindOf(leaf) === 'embedding' ? [rest, first] : [first, rest];
}

/** The direction of every tensor under a norm of its own. */
export const directions = (u: Bundle, normOf: (leaf: Leaf) => Norm, eps = 0): Bundle =>
  perTensor(([x], leaf) => asLeaf(normOf(leaf).direction(asOperator(x, leaf), eps), leaf), u);

/** The dual norm of every tensor under a norm of its own. */
export const duals = (u: Bundle, normOf: (leaf: Leaf) => Norm): Tensor[] =>
  u.leaves.map((x, i) => normOf(u.layout.leaves[i]).dual(asOperator(x, u.layout.leaves[i])));

/** Every tensor times a number of its own, a scalar or of shape [1]. */
export function timesEach(u: Bundle, factors: readonly Tensor[]): Bundle {
  const { dtype } = u.flat;
  const row = concat(factors.map((factor) => factor.cast(dtype).reshape([1])));
  return u.mul(Bundle.fromNumbers(u.layout, row));
}
