import { Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { eigh, zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { adamwStep } from '../adaptive/adamw.ts';
import { choice, count, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { oneMinus, shrink } from '../rules.ts';
import { asMatrix, initParts, sides, stepParts } from './as-matrix.ts';

type Side = 'std' | 'reverse-std' | 'left' | 'right';

/** Is the gradient of this matrix projected on right singular vectors? */
function onRight(side: Side, { rows, columns }: ReturnType<typeof sides>): boolean {
  if (side === 'left' || side === 'right') return side === 'right';
  return rows >= columns === (side === 'std');
}

/** One matrix's moments [r, rank] or [rank, c] and its projector, whose columns are singular vectors: [c, rank] or [r, rank]. */
type Projected = { readonly m: Tensor; readonly v: Tensor; readonly basis: Tensor };

/** The singular vectors of the largest singular values, as eigenvectors of the Gram matrix. */
function topVectors(g: Tensor, right: boolean, rank: number): Tensor {
  const gram = right ? g.matmul(g, { transposeA: true }) : g.matmul(g, { transposeB: true });
  const n = gram.shape[0];
  return eigh(gram).vectors.sliceAxis(1, n - rank, n);
}

function initMatrix({ layout, flat: { dtype } }: Bundle, side: Side, wanted: number): Projected[] {
  return layout.leaves.map((leaf) => {
    const { rows, columns } = sides(leaf);
    const rank = Math.min(wanted, rows, columns);
    const right = onRight(side, { rows, columns });
    const shape = right ? [rows, rank] : [rank, columns];
    return { m: zeros(shape, dtype), v: zeros(shape, dtype), basis: zeros([right ? columns : rows, rank], dtype) };
  });
}

/**
 * GaLore: Adam on a low-rank projection of each matrix's gradient. Zhao et al. 2024, arXiv:2403.03507, Algorithm 2.
 *
 *   every `gap` steps: B = top `rank` singular vectors of g;  R = g B (right) or B' g (left)
 *   m <- beta1 m + (1 - beta1) R,  v <- beta2 v + (1 - beta2) R^2
 *   w <- w - lr scale sqrt(1 - beta2^t) / (1 - beta1^t) back(m / (sqrt(v) + eps)),  then w <- (1 - lr weightDecay) w
 *
 * Moments are kept, not rotated, when B changes; eps is added to the uncorrected root, and decay comes after the step, all as in the
 * authors' code. 'std' projects on the shorter side. Singular vectors come from the Gram matrix, and their signs are free.
 * All other tensors take AdamW with the same rates.
 */
export const galoreAdam = defineOptimizer({
  id: 'galore-adam',
  summary: 'Adam on a low-rank projection of the gradient',
  source: 'Zhao et al. 2024, arXiv:2403.03507, Algorithm 2; jiaweizzhao/GaLore',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-4, 1e-1), doc: 'step size' }),
    rank: count(128, 'rank of the projection, at most the shorter side'),
    gap: count(200, 'steps between two projectors'),
    scale: positive(0.25, { tune: log(0.1, 1), doc: 'factor of projected updates, alpha in the paper' }),
    side: choice('std', ['std', 'reverse-std', 'left', 'right'], 'which singular vectors to project on'),
    beta1: unit(0.9, { doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-6, { doc: 'added to the uncorrected root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { side, rank }) =>
    initParts(w, {
      matrices: (part) => initMatrix(part, side, rank),
      rest: (part) => ({ m: zerosLike(part), v: zerosLike(part) }),
    }),
  step({ w, state, oracle, t, every, hyper: { lr, rank, gap, scale, side, weightDecay, ...rates } }) {
    const { beta1, beta2, eps } = rates;
    const refresh = every(gap);
    const correction = oneMinus(beta2.pow(t))
      .sqrt()
      .div(oneMinus(beta1.pow(t)));
    const decay = weightDecay?.mul(lr);
    const direction = (leaf: Leaf, gradient: Tensor, old: Projected) => {
      const g = asMatrix(gradient);
      const shape = sides(leaf);
      const right = onRight(side, shape);
      const basis = refresh ? topVectors(g, right, Math.min(rank, shape.rows, shape.columns)) : old.basis;
      const R = right ? g.matmul(basis) : basis.matmul(g, { transposeA: true });
      const m = old.m.mul(beta1).add(R.mul(oneMinus(beta1)));
      const v = old.v.mul(beta2).add(R.square().mul(oneMinus(beta2)));
      const n = m.div(v.sqrt().add(eps));
      const back = right ? n.matmul(basis, { transposeB: true }) : basis.matmul(n);
      return { state: { m, v, basis }, back: back.reshape(leaf.shape) };
    };
    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, projected) => {
        const found = part.layout.leaves.map((leaf, i) => direction(leaf, g.leaves[i], projected[i]));
        const update = Bundle.fromLeaves(
          part.layout,
          found.map(({ back }) => back),
        );
        const moved = part.sub(update.mul(lr.mul(scale).mul(correction)));
        return { w: shrink(moved, decay), state: found.map((matrix) => matrix.state) };
      },
      rest: (part, g, moments) => adamwStep(part, moments, g, t, { ...rates, lr, decay }),
    });
  },
});
