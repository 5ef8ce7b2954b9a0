import { zerosLike } from '../../tensor/bundle.ts';
import { flag, log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2, rootPlus } from '../rules.ts';

/**
 * AdaGrad, element by element: every coordinate's step is divided by the root of the sum of its squared gradients. Duchi, Hazan & Singer 2011,
 * JMLR 12, Figure 1 with the diagonal matrix.
 *
 *   s <- s + g^2,  w <- w - lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps)
 *
 * The paper adds its delta outside the root, as PyTorch does and we do; Optax and TensorFlow put eps inside the root and begin s at 0.1
 * (`epsInsideRoot`, `initialAccumulator`). `lrDecay` is PyTorch's. With eps 0 a coordinate without gradient yet stays: 0 / 0 = 0.
 */
export const adagrad = defineOptimizer({
  id: 'adagrad',
  summary: 'steps over the root of the sum of squared gradients, by coordinate',
  source: 'Duchi, Hazan & Singer 2011, JMLR 12, Figure 1 (diagonal)',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 0.3), doc: 'step size' }),
    eps: nonNegative(1e-10, { doc: 'added to the root of the sum' }),
    initialAccumulator: nonNegative(0, { tune: log(1e-3, 1), doc: 'what the sum of squares begins at' }),
    epsInsideRoot: flag(false, 'add eps to the sum and not to its root, as Optax and TensorFlow do'),
    lrDecay: optional(nonNegative(0, { doc: 'the step size is divided by 1 + (t - 1) lrDecay' })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  init: (w, { initialAccumulator }) => ({ s: zerosLike(w).add(initialAccumulator) }),
  step({ w, state, oracle, t, hyper: { lr, eps, epsInsideRoot, lrDecay, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const s = state.s.add(g.square());
    const rate = lrDecay ? lr.div(t.sub(1).mul(lrDecay).add(1)) : lr;
    return { w: w.sub(g.div(rootPlus(s, eps, epsInsideRoot)).mul(rate)), state: { s } };
  },
});
