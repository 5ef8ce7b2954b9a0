import { type Bundle, type Leaf, perTensor, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { adamwStep, type Moments } from '../adaptive/adamw.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { asMatrix, initParts, type PartStates, sides, stepParts } from '../matrix/as-matrix.ts';
import { scales } from '../matrix/muon.ts';
import { newtonSchulz } from '../matrix/newton-schulz.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, oneMinus, shrink } from '../rules.ts';

type Kept = PartStates<{ m: Bundle; v?: Bundle; last?: Bundle }, Moments> & { lastW?: Bundle };

/** The tensors that take the rule itself. */
const taken =
  (vectors: boolean) =>
  ({ shape }: Leaf): boolean =>
    vectors || shape.length >= 2;

/** sqrt(max(1, r / c)) NS5(u) for each matrix. */
const orthogonalized = (m: Bundle): Bundle =>
  perTensor(([u], leaf) => {
    const { rows, columns } = sides(leaf);
    return newtonSchulz(asMatrix(u), { eps: 1e-8 }).mul(scales.jordan(rows, columns)).reshape(leaf.shape);
  }, m);

/**
 * MARS: the gradient, corrected by its change since the last step, before an adaptive step. Yuan et al. 2024, arXiv:2411.10438, Algorithms 1 to 4.
 *
 *   c = g + gamma beta1 / (1 - beta1) (g - g_last),  c <- c / max(1, |c|) for each tensor,  m <- beta1 m + (1 - beta1) c
 *   w <- w - lr (u + weightDecay w),  u: 'adamw' m^ / (sqrt(v^) + eps) with v <- beta2 v + (1 - beta2) c^2;  'lion' sign(m);
 *   'shampoo' sqrt(max(1, r / c)) NS5(m / (1 - beta1))
 *
 * g_last is the gradient of the last step (approximate form), or with `exact` the gradient at the last parameters on this step's minibatch, which
 * is one more gradient and the form whose theory reduces variance. At the first step there is no correction; the authors' code corrects by a stored
 * gradient of 0, `firstStep: 'code'`. v averages c^2, as in the code (its README speaks of squared gradients). Vectors take AdamW with rates of
 * their own unless `vectors` (not with 'shampoo'). NS5 divides by |M| + 1e-8. Biases and norm gains are not decayed,
 * which leaves `vectorWeightDecay` to vectors of other roles.
 */
export const mars = defineOptimizer({
  id: 'mars',
  summary: 'adaptive steps on a gradient corrected by its last change',
  source: 'Yuan et al. 2024, arXiv:2411.10438, Algorithms 1 to 4; AGI-Arena/MARS',
  hyper: {
    lr: positive(3e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    beta2: unit(0.99, { doc: 'decay of the second moment' }),
    gamma: optional(nonNegative(0.025, { tune: log(1e-3, 0.3), doc: 'strength of the correction' })),
    variant: choice('adamw', ['adamw', 'lion', 'shampoo'], 'what the corrected momentum is divided by'),
    exact: flag(false, 'the change of the gradient on one minibatch: two gradients for each step'),
    firstStep: choice('paper', ['paper', 'code'], 'the first correction: none, or by a last gradient of 0'),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
    vectors: flag(false, 'vectors take this rule too'),
    vectorLr: positive(3e-3, { tune: log(1e-4, 3e-2), doc: 'step size of AdamW on vectors' }),
    vectorBeta1: unit(0.9, { doc: 'decay of the first moment of AdamW' }),
    vectorBeta2: unit(0.95, { doc: 'decay of the second moment of AdamW' }),
    vectorWeightDecay: optional(nonNegative(0.1, { doc: 'decoupled decay of vectors, times vectorLr' })),
  },
  check: ({ exact, firstStep, gamma, variant, vectors }) => {
    if (exact && firstStep === 'code') return "firstStep is 'code', a stored gradient of 0; the exact form stores none";
    if (exact && gamma === 0) return 'gamma is 0: without a correction the exact form has no second gradient';
    return vectors && variant === 'shampoo' ? "vectors is true; variant 'shampoo' orthogonalises matrices only" : null;
  },
  init: (w, { gamma, exact, variant, vectors }): Kept => ({
    ...initParts(
      w,
      {
        matrices: (part) => ({
          m: zerosLike(part),
          ...(variant === 'adamw' && { v: zerosLike(part) }),
          ...(gamma && !exact && { last: zerosLike(part) }),
        }),
        rest: (part) => ({ m: zerosLike(part), v: zerosLike(part) }),
      },
      taken(vectors),
    ),
    ...(exact && { lastW: w }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, beta1, beta2, gamma, variant, exact, firstStep, eps, weightDecay, vectors } = hyper;
    const { vectorLr, vectorBeta1, vectorBeta2, vectorWeightDecay } = hyper;
    const same = state.lastW && oracle.grad(state.lastW).select(taken(vectors));

    const corrected = (g: Bundle, stored: Bundle | undefined): Bundle => {
      const last = same ?? (firstStep === 'code' ? stored : stored?.zip(g, (old, now) => where(t.gt(1), old, now)));
      const c = gamma && last ? g.add(g.sub(last).mul(gamma.mul(beta1).div(oneMinus(beta1)))) : g;
      return c.div(c.tensorNorms().maximum(1));
    };
    const next = stepParts(
      w,
      oracle.grad(w),
      state,
      {
        matrices: (part, g, old) => {
          const c = corrected(g, old.last);
          const m = ema(old.m, c, beta1);
          const v = old.v && ema(old.v, c.square(), beta2);
          const update = () => {
            if (v) return debias(m, beta1, t).div(adamRoot(v, beta2, t, eps));
            return variant === 'lion' ? m.sign() : orthogonalized(m.div(oneMinus(beta1)));
          };
          return {
            w: shrink(part, weightDecay?.mul(lr)).sub(update().mul(lr)),
            state: { m, ...(v && { v }), ...(old.last && { last: g }) },
          };
        },
        rest: (part, g, moments) =>
          adamwStep(part, moments, g, t, {
            lr: vectorLr,
            beta1: vectorBeta1,
            beta2: vectorBeta2,
            eps,
            decay: vectorWeightDecay?.mul(vectorLr),
          }),
      },
      taken(vectors),
    );
    return { w: next.w, state: { ...next.state, ...(exact && { lastW: w }) } };
  },
});
