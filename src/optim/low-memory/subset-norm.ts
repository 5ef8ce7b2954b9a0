import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { adamwStep } from '../adaptive/adamw.ts';
import { choice, count, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { initParts, stepParts } from '../matrix/as-matrix.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema, oneMinus, perTensorKeeping, rootPlus, shrink } from '../rules.ts';
import { byColumn, byRow, consecutive, divideSubsets, type Subsets, subsetShape, subsetSums } from './subsets.ts';

export interface SubsetChoice {
  readonly subsets: 'side' | 'rows' | 'columns' | 'size' | 'root';
  readonly subsetSize: number;
  readonly rootPart: number;
}

/** The subsets of a matrix. 'side': rows of a matrix that is at least as long as wide, else columns, so that max(r, c) numbers are kept. */
export function subsetsOf(leaf: Leaf, { subsets, subsetSize, rootPart }: SubsetChoice): Subsets {
  const { shape, size } = leaf;
  if (subsets === 'size' || subsets === 'root') {
    const wanted = Math.min(
      size,
      subsets === 'size' ? subsetSize : Math.max(1, Math.floor(Math.sqrt(size) / rootPart)),
    );
    let k = wanted;
    while (size % k !== 0) k--;
    return consecutive(size, k);
  }
  const rows = subsets === 'rows' || (subsets === 'side' && shape[0] >= size / shape[0]);
  return rows ? byRow(leaf) : byColumn(leaf);
}

/** Zero sums for every matrix of a bundle. */
export const initSums = (part: Bundle, choice: SubsetChoice): Tensor[] =>
  part.layout.leaves.map((leaf) => zeros(subsetShape(subsetsOf(leaf, choice)), part.flat.dtype));

/** V <- keep V + take (sum of g^2 over each subset), and direction / (sqrt(V) + eps). */
export function bySubsetNorm(
  g: Bundle,
  direction: Bundle,
  old: readonly Tensor[],
  {
    keep,
    take,
    eps,
    ...choice
  }: SubsetChoice & { readonly keep: Tensor | number; readonly take: Tensor | number; readonly eps: Tensor },
): { update: Bundle; V: Tensor[] } {
  const [update, V] = perTensorKeeping(
    old,
    ([gradient, x], leaf, sums) => {
      const subsets = subsetsOf(leaf, choice);
      const next = sums.mul(keep).add(subsetSums(gradient.square(), subsets).mul(take));
      return [divideSubsets(x, rootPlus(next, eps), subsets), next];
    },
    g,
    direction,
  );
  return { update, V };
}

/** How a race or a user chooses subsets. */
export const subsetHypers = {
  subsets: choice('side', ['side', 'rows', 'columns', 'size', 'root'], 'what of a matrix shares a denominator'),
  subsetSize: count(16, "elements of a subset, or the next divisor below (subsets 'size')"),
  rootPart: count(2, "subsets of sqrt(size) / rootPart elements, or the next divisor below (subsets 'root')"),
};

/**
 * Subset-norm step sizes: one adaptive denominator for a subset of coordinates, from the sum of their squares. Nguyen & Nguyen 2024,
 * arXiv:2411.07120, Algorithms 1 and 3; timmytonga/sn-sm.
 *
 *   q_S = sum of g_i^2 over i in S
 *   adagrad   V_S <- V_S + q_S,                            w_i <- w_i - lr g_i / (sqrt(V_S) + eps)
 *   rmsprop   V_S <- beta2 V_S + (1 - beta2) q_S,          w_i <- w_i - lr sqrt(1 - beta2^t) g_i / (sqrt(V_S) + eps)
 *   adam      and m <- beta1 m + (1 - beta1) g,            w_i <- w_i - lr sqrt(1 - beta2^t) / (1 - beta1^t) m_i / (sqrt(V_S) + eps)
 *
 * A sum, not a mean: good rates are sqrt(|S|) times Adam's. eps is added to the uncorrected root, and w <- (1 - lr weightDecay) w comes after the
 * step, both as in the authors' code. Hidden matrices and kernels take this rule, all other tensors AdamW with `adamLr`.
 */
export const subsetNorm = defineOptimizer({
  id: 'subset-norm',
  summary: 'AdaGrad, RMSprop or Adam with one denominator for each row, column or group of a matrix',
  source: 'Nguyen & Nguyen 2024, arXiv:2411.07120, Algorithms 1 and 3; timmytonga/sn-sm',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 0.3), doc: 'step size of matrices and kernels' }),
    form: choice('adam', ['adagrad', 'rmsprop', 'adam'], 'what is kept of squares and gradients'),
    ...subsetHypers,
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment; form adagrad has none' }),
    eps: nonNegative(1e-6, { doc: 'added to the uncorrected root' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr (or adamLr)' })),
    adamLr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size of AdamW on all other tensors' }),
  },
  init: (w, { form, ...choice }) =>
    initParts(w, {
      matrices: (part): { m?: Bundle; V: Tensor[] } => ({
        ...(form === 'adam' && { m: zerosLike(part) }),
        V: initSums(part, choice),
      }),
      rest: (part) => ({ m: zerosLike(part), v: zerosLike(part) }),
    }),
  step({ w, state, oracle, t, hyper: { lr, form, beta1, beta2, eps, weightDecay, adamLr, ...choice } }) {
    const grown = oneMinus(beta2.pow(t)).sqrt();
    const rate = { adagrad: lr, rmsprop: lr.mul(grown), adam: lr.mul(biasFactor(beta1, beta2, t)) }[form];
    const memory = form === 'adagrad' ? { keep: 1, take: 1 } : { keep: beta2, take: oneMinus(beta2) };
    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, old) => {
        const m = old.m && ema(old.m, g, beta1);
        const { update, V } = bySubsetNorm(g, m ?? g, old.V, { ...memory, ...choice, eps });
        return { w: shrink(part.sub(update.mul(rate)), weightDecay?.mul(lr)), state: { ...(m && { m }), V } };
      },
      rest: (part, g, moments) =>
        adamwStep(part, moments, g, t, { lr: adamLr, beta1, beta2, eps, decay: weightDecay?.mul(adamLr) }),
    });
  },
});
