import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { adamwStep } from '../adaptive/adamw.ts';
import { choice, count, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { asMatrix, initParts, sides, stepParts } from '../matrix/as-matrix.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, oneMinus, perTensorKeeping, shrink } from '../rules.ts';
import { bySubsetNorm, initSums, subsetHypers } from './subset-norm.ts';
import { subspaceOf } from './subspace.ts';

/** Momentum of one matrix in its subspace, and which subspace that is. */
type Projected = { readonly m: Tensor; readonly at: Tensor };

/**
 * Subspace momentum: momentum is kept in a subspace of each matrix, what is orthogonal to it takes plain steps. Nguyen & Nguyen 2024,
 * arXiv:2411.07120, Algorithms 2 (SGD-SM) and 4 (AdamSNSM); timmytonga/sn-sm.
 *
 *   every `gap` steps choose a projector P, m = 0;  r = P g,  m <- beta1 m + (1 - beta1) r,  n = P' m + (g - P' r)
 *   sgd    w <- w - lr n
 *   adam   w <- w - lr sqrt(1 - beta2^t) / (1 - beta1^t) n / (sqrt(V_S) + eps)      V_S from the whole g, as in subset-norm
 *
 * In 'adam' the bias correction 1 / (1 - beta1^t) multiplies all of n, also the part that is no average (ten times longer at t = 1): so the authors'
 * code. `correctOrthogonal: false` divides P' m alone. Their code also takes the old momentum in the step that resets it; we reset first.
 * Subspaces are spanned by the gradient's singular vectors, random columns or rows, the columns of the largest gradient, random orthonormal vectors
 * or waves ('cosine', in the place of the randomised Hadamard transform, which exists for powers of two only). t counts all steps.
 * w <- (1 - lr weightDecay) w comes after the step. Hidden matrices and kernels take this rule; all other tensors keep whole momentum,
 * m <- beta1 m + (1 - beta1) g and w <- w - lr m ('sgd', our choice), or take AdamW with `adamLr` ('adam').
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const subspaceMomentum = defineOptimizer({
  id: 'subspace-momentum',
  summary: 'momentum in a subspace of each matrix, plain or subset-norm steps outside: SGD-SM and AdamSNSM',
  source: 'Nguyen & Nguyen 2024, arXiv:2411.07120, Algorithms 2 and 4; timmytonga/sn-sm',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 0.3), doc: 'step size' }),
    form: choice('adam', ['sgd', 'adam'], 'SGD-SM, or AdamSNSM with the denominators of subset-norm'),
    selector: choice(
      'svd',
      ['svd', 'random', 'cosine', 'columns', 'rows', 'top-columns'],
      'what the subspace is spanned by',
    ),
    percent: count(25, 'share of its dimensions, of the columns, rows or shorter side'),
    gap: count(200, 'steps between two subspaces'),
    ...subsetHypers,
    correctOrthogonal: flag(true, "the bias correction multiplies the orthogonal part too (form 'adam')"),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    beta2: unit(0.999, { doc: "decay of the second moment (form 'adam')" }),
    eps: nonNegative(1e-6, { doc: "added to the uncorrected root (form 'adam')" }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr (or adamLr)' })),
    adamLr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: "step size of AdamW on all other tensors (form 'adam')" }),
  },
  check: ({ percent }) => (percent > 100 ? `percent is ${percent}; it must be a whole number from 1 to 100` : null),
  init: (w, { form, selector, percent, ...choice }) =>
    initParts(w, {
      matrices: (part): { momenta: Projected[]; V?: Tensor[] } => ({
        momenta: part.layout.leaves.map((leaf) => {
          const { shape, initial } = subspaceOf(selector, sides(leaf), percent);
          return { m: zeros(shape, part.flat.dtype), at: initial(part.flat.dtype) };
        }),
        ...(form === 'adam' && { V: initSums(part, choice) }),
      }),
      rest: (part): { m: Bundle; v?: Bundle } => ({
        m: zerosLike(part),
        ...(form === 'adam' && { v: zerosLike(part) }),
      }),
    }),
  step({ w, state, oracle, t, every, random, hyper }) {
    const { lr, form, selector, percent, gap, correctOrthogonal, beta1, beta2, eps, weightDecay, adamLr, ...choice } =
      hyper;
    const refresh = every(gap);
    const correction = oneMinus(beta1.pow(t)).reciprocal();
    const grown = oneMinus(beta2.pow(t)).sqrt();
    const split = ([gradient]: readonly Tensor[], leaf: Leaf, old: Projected): [Tensor, Projected] => {
      const g = asMatrix(gradient);
      const space = subspaceOf(selector, sides(leaf), percent);
      const at = refresh ? space.choose(g, random, old.at) : old.at;
      const r = space.project(g, at);
      const before = refresh ? zeros(space.shape, g.dtype) : old.m;
      const m = ema(before, r, beta1);
      const inside = space.back(m, at);
      const mean = form === 'adam' && !correctOrthogonal ? inside.mul(correction) : inside;
      return [mean.add(g.sub(space.back(r, at))), { m, at }];
    };
    const decayed = (part: Bundle) => shrink(part, weightDecay?.mul(lr));
    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, old) => {
        const [n, momenta] = perTensorKeeping(old.momenta, split, g);
        if (!old.V) return { w: decayed(part.sub(n.mul(lr))), state: { momenta } };
        const { update, V } = bySubsetNorm(g, n, old.V, { keep: beta2, take: oneMinus(beta2), eps, ...choice });
        const rate = lr.mul(correctOrthogonal ? grown.mul(correction) : grown);
        return { w: decayed(part.sub(update.mul(rate))), state: { momenta, V } };
      },
      rest: (part, g, old): { w: Bundle; state: { m: Bundle; v?: Bundle } } => {
        if (old.v) {
          const rates = { lr: adamLr, beta1, beta2, eps, decay: weightDecay?.mul(adamLr) };
          return adamwStep(part, { m: old.m, v: old.v }, g, t, rates);
        }
        const m = ema(old.m, g, beta1);
        return { w: decayed(part.sub(m.mul(lr))), state: { m } };
      },
    });
  },
});
