import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import type { DType } from '../../tensor/dtype.ts';
import { eigh, orthonormalize, zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { count, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { topIndices } from '../low-memory/subspace.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema, perTensorKeeping, quotient, shrink } from '../rules.ts';
import { asMatrix, sides } from './as-matrix.ts';

/** Statistics of one side of a matrix and their eigenvectors, both [n, n]. */
type Side = { readonly A: Tensor; readonly Q: Tensor };
/** A side that is not preconditioned keeps nothing and its basis is the identity. */
type Sides = { readonly left?: Side; readonly right?: Side };

interface Which {
  readonly vectors: boolean;
  readonly maxSide: number;
}

/** Which sides of a tensor have a basis; a vector counts as one column. */
function initSides(leaf: Leaf, dtype: DType, { vectors, maxSide }: Which): Sides {
  const rank = leaf.shape.length;
  if (rank === 0 || (rank === 1 && !vectors)) return {};
  const { rows, columns } = sides(leaf);
  const side = (n: number): Side => ({ A: zeros([n, n], dtype), Q: zeros([n, n], dtype) });
  return {
    ...(rows <= maxSide && { left: side(rows) }),
    ...(rank > 1 && columns <= maxSide && { right: side(columns) }),
  };
}

/** Applies a rule to the matrices of bundles; what has no basis passes as it is. */
const inBases = (all: readonly Sides[], rule: (x: Tensor, own: Sides) => Tensor, x: Bundle): Bundle =>
  perTensorKeeping(
    all,
    ([tensor], _, own) => [own.left || own.right ? rule(asMatrix(tensor), own) : tensor, own],
    x,
  )[0];

/** QL' x QR. */
const rotate = (x: Bundle, all: readonly Sides[]): Bundle =>
  inBases(
    all,
    (tensor, { left, right }) => {
      const turned = left ? left.Q.matmul(tensor, { transposeA: true }) : tensor;
      return right ? turned.matmul(right.Q) : turned;
    },
    x,
  );

/** QL x QR'. */
const rotateBack = (x: Bundle, all: readonly Sides[]): Bundle =>
  inBases(
    all,
    (tensor, { left, right }) => {
      const turned = left ? left.Q.matmul(tensor) : tensor;
      return right ? turned.matmul(right.Q, { transposeB: true }) : turned;
    },
    x,
  );

/** One power step of the basis towards the eigenvectors, its columns sorted by their estimated eigenvalues first. */
function refreshed({ A, Q }: Side): { side: Side; order: Tensor } {
  const product = A.matmul(Q);
  const order = topIndices(Q.mul(product).sum(0), A.shape[0]);
  return { side: { A, Q: orthonormalize(product.gather(order, 1)) }, order };
}

/**
 * SOAP: Adam in the eigenbasis of Shampoo's statistics. Vyas et al. 2024, arXiv:2409.11321, Algorithms 3 and 4, in the order of the authors' code.
 *
 *   g' = QL' g QR,  m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g'^2
 *   w <- w - lr sqrt(1 - beta2^k) / (1 - beta1^k) QL ((QL' m QR) / (sqrt(v) + eps)) QR',  then w <- (1 - lr weightDecay) w
 *   L <- shampooBeta L + (1 - shampooBeta) g g',  R likewise with g' g;  every `refresh` steps, for L (R likewise) and QL (QR):
 *   columns of QL, and v with them, sorted by diag(QL' L QL), descending;  QL <- orthonormal factor of L QL
 *
 * The first step only makes L, R and their eigenvectors (from one eigendecomposition) and k counts the steps after it: so the authors' code,
 * not the paper; `skipFirst: false` steps at once and counts from there. m is kept unrotated, as in the paper; the code rotates it to and fro,
 * with the same numbers. v is sorted but not rotated. shampooBeta 0, the default, stands for beta2. Sides beyond `maxSide` keep the identity
 * for a basis, so do vectors (which take Adam) unless `vectors`; embeddings and the head are rotated like all matrices. Kernels are flattened
 * to [out, in kh kw]; the authors' code takes a basis for each axis unless it merges them.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const soap = defineOptimizer({
  id: 'soap',
  summary: "Adam in the eigenbasis of Shampoo's statistics",
  source: 'Vyas et al. 2024, arXiv:2409.11321, Algorithms 3 and 4; nikhilvyas/SOAP',
  hyper: {
    lr: positive(3e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.95, { tune: logOneMinus(0.9, 0.999), doc: 'decay of the second moment' }),
    shampooBeta: optional(unit(0, { doc: 'decay of the statistics; 0: beta2' })),
    eps: nonNegative(1e-8, { doc: 'added to the uncorrected root of the second moment' }),
    weightDecay: optional(nonNegative(0.01, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr, after the step' })),
    refresh: count(10, 'steps between two power steps of the bases'),
    maxSide: count(10000, 'longest side that has a basis'),
    vectors: flag(false, 'vectors have a basis too'),
    normalize: flag(false, 'every update is scaled to a root mean square of 1'),
    skipFirst: flag(true, 'the first step makes the bases and leaves the parameters'),
  },
  init: (w, which) => ({
    m: zerosLike(w),
    v: zerosLike(w),
    sides: w.layout.leaves.map((leaf) => initSides(leaf, w.flat.dtype, which)),
  }),
  step({ w, state, oracle, t, every, hyper }) {
    const { lr, beta1, beta2, shampooBeta = beta2, eps, weightDecay, refresh, normalize, skipFirst } = hyper;
    const g = oracle.grad(w);
    const first = every(Number.MAX_SAFE_INTEGER);
    const due = every(refresh, skipFirst ? 0 : refresh - 1) && !first;

    const gathered = state.sides.map(({ left, right }, i): Sides => {
      if (!left && !right) return {};
      const x = asMatrix(g.leaves[i]);
      const take = ({ A, Q }: Side, gram: Tensor): Side => ({
        A: ema(A, gram, shampooBeta),
        Q,
      });
      return {
        ...(left && { left: take(left, x.matmul(x, { transposeB: true })) }),
        ...(right && { right: take(right, x.matmul(x, { transposeA: true })) }),
      };
    });
    const decompose = (side: Side): Side => ({ ...side, Q: eigh(side.A).vectors.flip(1) });
    const begun = gathered.map(({ left, right }) => ({
      ...(left && { left: decompose(left) }),
      ...(right && { right: decompose(right) }),
    }));
    if (first && skipFirst) return { w, state: { ...state, sides: begun } };

    const bases = first ? begun : state.sides;
    const k = skipFirst ? t.sub(1) : t;
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, rotate(g, bases).square(), beta2);
    const found = rotateBack(quotient(rotate(m, bases), v.sqrt().add(eps)), bases);
    const rms = (x: Bundle) => x.tensorNorms().div(x.perLeaf(({ size }) => Math.sqrt(size)));
    const update = normalize ? found.div(rms(found).add(1e-30)) : found;
    const moved = shrink(w.sub(update.mul(lr.mul(biasFactor(beta1, beta2, k)))), weightDecay?.mul(lr));
    if (first) return { w: moved, state: { m, v, sides: begun } };
    if (!due) return { w: moved, state: { m, v, sides: gathered } };

    const [sorted, sides] = perTensorKeeping(
      gathered,
      ([x], _, own): [Tensor, Sides] => {
        const left = own.left && refreshed(own.left);
        const right = own.right && refreshed(own.right);
        const rows = left ? asMatrix(x).gather(left.order, 0) : x;
        return [
          right ? asMatrix(rows).gather(right.order, 1) : rows,
          { ...(left && { left: left.side }), ...(right && { right: right.side }) },
        ];
      },
      v,
    );
    return { w: moved, state: { m, v: sorted, sides } };
  },
});
