import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, count, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { basisSubspace, type Subspace } from '../low-memory/subspace.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema, perTensorKeeping, rootPlus, shrink } from '../rules.ts';
import { asMatrix, initParts, sides, stepParts } from './as-matrix.ts';

type Side = 'std' | 'reverse-std' | 'left' | 'right';

/** Is the gradient of this matrix projected on right singular vectors? */
function onRight(side: Side, { rows, columns }: ReturnType<typeof sides>): boolean {
  if (side === 'left' || side === 'right') return side === 'right';
  return rows >= columns === (side === 'std');
}

/** One matrix's moments [r, rank] or [rank, c] and its projector, whose columns are singular vectors: [c, rank] or [r, rank]. */
type Projected = { readonly m: Tensor; readonly v: Tensor; readonly basis: Tensor };

/** The subspace of one matrix's moments. */
function spaceOf(leaf: Leaf, side: Side, rank: number): Subspace {
  const shape = sides(leaf);
  return basisSubspace(shape, onRight(side, shape), Math.min(rank, shape.rows, shape.columns));
}

function initMatrix({ layout, flat: { dtype } }: Bundle, side: Side, rank: number): Projected[] {
  return layout.leaves.map((leaf) => {
    const { shape, initial } = spaceOf(leaf, side, rank);
    return { m: zeros(shape, dtype), v: zeros(shape, dtype), basis: initial(dtype) };
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
 * authors' code. 'std' projects on the shorter side. Singular vectors come from the Gram matrix; each has the sign nearer to
 * the one it replaces (implementations take what their library gives).
 * All other tensors take the same rule without a projection.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
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
  step({ w, state, oracle, t, every, random, hyper: { lr, rank, gap, scale, side, weightDecay, beta1, beta2, eps } }) {
    const refresh = every(gap);
    const correction = biasFactor(beta1, beta2, t);
    const decay = weightDecay?.mul(lr);
    const direction = ([gradient]: readonly Tensor[], leaf: Leaf, old: Projected): [Tensor, Projected] => {
      const g = asMatrix(gradient);
      const space = spaceOf(leaf, side, rank);
      const basis = refresh ? space.choose(g, random, old.basis) : old.basis;
      const R = space.project(g, basis);
      const m = ema(old.m, R, beta1);
      const v = ema(old.v, R.square(), beta2);
      return [space.back(m.div(rootPlus(v, eps)), basis), { m, v, basis }];
    };
    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, projected) => {
        const [update, next] = perTensorKeeping(projected, direction, g);
        const moved = part.sub(update.mul(lr.mul(scale).mul(correction)));
        return { w: shrink(moved, decay), state: next };
      },
      rest: (part, g, old) => {
        const m = ema(old.m, g, beta1);
        const v = ema(old.v, g.square(), beta2);
        const moved = part.sub(m.div(rootPlus(v, eps)).mul(lr.mul(correction)));
        return { w: shrink(moved, decay), state: { m, v } };
      },
    });
  },
});
