import type { DType } from '../../tensor/dtype.ts';
import { arange, constant, eigh, full, scatterAdd, where, zeros } from '../../tensor/functions.ts';
import type { RandomStreams } from '../../tensor/random.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * Subspaces of the matrices [rows, columns] in which moments are kept. 'columns', 'rows' and 'entries' are drawn at random, 'top-columns' are those
 * of the largest gradient, 'svd' is spanned by the gradient's singular vectors, 'random' by random orthonormal ones, 'cosine' by random waves.
 */
export type Selector = 'columns' | 'rows' | 'entries' | 'top-columns' | 'svd' | 'random' | 'cosine';

/** One way to take coordinates of a matrix. `at` says which subspace: indices, or an orthonormal basis in columns. */
export interface Subspace {
  /** Shape of the coordinates. */
  readonly shape: Shape;
  /** Does it leave nothing out? */
  readonly whole: boolean;
  /** A placeholder for `at`, before anything was chosen. */
  readonly initial: (dtype: DType) => Tensor;
  readonly choose: (g: Tensor, random: RandomStreams, before: Tensor) => Tensor;
  readonly project: (g: Tensor, at: Tensor) => Tensor;
  /** The matrix with these coordinates that is 0 outside the subspace. */
  readonly back: (coordinates: Tensor, at: Tensor) => Tensor;
  /** Squares (second moments) of one subspace as squares of another, which stay at least 0. */
  readonly carrySquares: (squares: Tensor, from: Tensor, to: Tensor) => Tensor;
}

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

/** The indices of the k largest of n scores, the first of equals first. */
export function topIndices(scores: Tensor, k: number): Tensor {
  const [n] = scores.shape;
  const [i, j] = [arange(n).reshape([n, 1]), arange(n)];
  const [mine, other] = [scores.reshape([n, 1]), scores.reshape([1, n])];
  const before = other.gt(mine).or(other.eq(mine).and(j.lt(i)));
  const rank = before.cast('int32').sum(1);
  const chosen = rank.reshape([1, n]).eq(arange(k).reshape([k, 1]));
  // Without a rank of its own (scores that are not numbers) an index must still exist.
  return where(chosen, j, 0)
    .sum(1)
    .minimum(n - 1);
}

/** One index from each of k runs of about n / k neighbours: k different ones, each index as likely as any other. */
function spreadIndices(n: number, k: number, random: RandomStreams): Tensor {
  const starts = Array.from({ length: k + 1 }, (_, i) => Math.floor((i * n) / k));
  const widths = constant(starts.slice(1).map((end, i) => end - starts[i]));
  const inside = random.uniform([k]).mul(widths).floor().minimum(widths.sub(1));
  return inside.cast('int32').add(constant(starts.slice(0, k), { dtype: 'int32' }));
}

/** The singular vectors of the largest singular values, as eigenvectors of the Gram matrix: right ones, or left ones. */
function topVectors(g: Tensor, right: boolean, rank: number): Tensor {
  const gram = right ? g.matmul(g, { transposeA: true }) : g.matmul(g, { transposeB: true });
  const n = gram.shape[0];
  return eigh(gram).vectors.sliceAxis(1, n - rank, n);
}

/** X (X'X)^(-1/2) of a normal X [n, rank]: an orthonormal basis of a uniformly random subspace. */
function randomVectors(n: number, rank: number, dtype: DType, random: RandomStreams): Tensor {
  const X = random.normal([n, rank], dtype);
  const { values, vectors } = eigh(X.matmul(X, { transposeA: true }));
  const least = values.max().mul(1e-12);
  return X.matmul(vectors.div(values.maximum(least).sqrt())).matmul(vectors, { transposeB: true });
}

/**
 * Some rows of the orthonormal cosine transform of n coordinates with random signs: a subsampled randomised transform such as that of Hadamard,
 * but for every n.
 */
function cosineVectors(n: number, rank: number, dtype: DType, random: RandomStreams): Tensor {
  const frequency = topIndices(random.uniform([n]), rank).cast('float64');
  const place = arange(n, 'float64').mul(2).add(1).reshape([n, 1]);
  const waves = place
    .mul(frequency)
    .mul(Math.PI / (2 * n))
    .cos();
  const lengths = where(frequency.gt(0), full([rank], Math.sqrt(2 / n), 'float64'), Math.sqrt(1 / n));
  return waves
    .mul(lengths)
    .cast(dtype)
    .mul(random.rademacher([n, 1], dtype));
}

/**
 * The basis with the sign of each vector nearer to the one it replaces. Signs of singular vectors are free, but moments that are kept over a
 * change of basis would change sides with them.
 */
function alignedWith(before: Tensor, basis: Tensor): Tensor {
  const opposed = basis.mul(before).sum(0).lt(0);
  return basis.mul(opposed.cast(basis.dtype).mul(-2).add(1));
}

/** Coordinates in an orthonormal basis: g B on the right, B' g on the left. */
export function basisSubspace(
  { rows, columns }: Sides,
  right: boolean,
  rank: number,
  vectors: (g: Tensor, random: RandomStreams) => Tensor = (g) => topVectors(g, right, rank),
): Subspace {
  const carry = (x: Tensor, transfer: Tensor) =>
    right ? x.matmul(transfer) : transfer.matmul(x, { transposeA: true });
  return {
    shape: right ? [rows, rank] : [rank, columns],
    whole: rank === (right ? columns : rows),
    initial: (dtype) => zeros([right ? columns : rows, rank], dtype),
    choose: (g, random, before) => alignedWith(before, vectors(g, random)),
    project: (g, B) => (right ? g.matmul(B) : B.matmul(g, { transposeA: true })),
    back: (x, B) => (right ? x.matmul(B, { transposeB: true }) : B.matmul(x)),
    carrySquares: (squares, from, to) => carry(squares, from.matmul(to, { transposeA: true }).square()),
  };
}

/** Coordinates that are elements of the matrix: those at some indices of one axis. */
function coordinateSubspace(shape: Shape, axis: 0 | 1, choose: Subspace['choose'], k: number): Subspace {
  const size = shape[axis];
  const project = (g: Tensor, at: Tensor) => g.reshape(shape).gather(at, axis);
  const spread = (x: Tensor, at: Tensor) => scatterAdd(at, x, { axis, size });
  return {
    shape: shape.map((n, i) => (i === axis ? k : n)),
    whole: k === size,
    initial: () => zeros([k], 'int32'),
    choose,
    project,
    back: spread,
    carrySquares: (squares, from, to) => project(spread(squares, from), to),
  };
}

/** The subspace of a matrix that has `percent` of its columns, rows, entries or singular vectors, and at least one. */
export function subspaceOf(selector: Selector, sides: Sides, percent: number): Subspace {
  const { rows, columns } = sides;
  const share = (n: number) => Math.max(1, Math.round((n * percent) / 100));
  const drawn =
    (n: number): Subspace['choose'] =>
    (_, random) =>
      topIndices(random.uniform([n]), share(n));
  const right = rows >= columns;
  const rank = share(Math.min(rows, columns));
  switch (selector) {
    case 'columns':
      return coordinateSubspace([rows, columns], 1, drawn(columns), share(columns));
    case 'top-columns':
      return coordinateSubspace(
        [rows, columns],
        1,
        (g) => topIndices(g.square().sum(0), share(columns)),
        share(columns),
      );
    case 'rows':
      return coordinateSubspace([rows, columns], 0, drawn(rows), share(rows));
    case 'entries': {
      const n = rows * columns;
      const entries = coordinateSubspace([n], 0, (_, random) => spreadIndices(n, share(n), random), share(n));
      return { ...entries, back: (x, at) => entries.back(x, at).reshape([rows, columns]) };
    }
    case 'svd':
      return basisSubspace(sides, right, rank);
    case 'random':
    case 'cosine': {
      const vectors = selector === 'random' ? randomVectors : cosineVectors;
      return basisSubspace(sides, right, rank, ({ dtype }, random) =>
        vectors(right ? columns : rows, rank, dtype, random),
      );
    }
  }
}
