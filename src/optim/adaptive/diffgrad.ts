import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema, l2, rootPlus } from '../rules.ts';

/**
 * diffGrad: Adam slowed where the gradient stands still. Dubey et al. 2019, arXiv:1909.11015; shivram1987/diffGrad, diffGrad_v2.
 *
 *   xi = sigmoid(|g_{t-1} - g_t|) in [1/2, 1),  g_0 = 0
 *   w <- w - lr sqrt(1 - beta2^t) / (1 - beta1^t) xi m / (sqrt(v) + eps),  m and v as in Adam; eps before the correction
 *
 * The first released code kept a reference to the gradient where a copy was meant, so from the second step on the difference was 0 and xi
 * was 1/2: Adam at half its rate. The paper's results come from that code, by the authors' own comment; `variant: 'released'` is it.
 * `weightDecay` is L2 regularisation in the gradient. The paper's variants 1 to 5 of xi are not here: their exact forms could not be verified.
 */
export const diffgrad = defineOptimizer({
  id: 'diffgrad',
  summary: 'Adam slowed where the gradient stands still',
  source: 'Dubey et al. 2019, arXiv:1909.11015; shivram1987/diffGrad, diffGrad_v2',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the uncorrected second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
    variant: choice(
      'corrected',
      ['corrected', 'released'],
      'the rule, or the first code, whose difference is 0 after step 1',
    ),
  },
  init: (w, { variant }): { m: Bundle; v: Bundle; previous?: Bundle } => ({
    m: zerosLike(w),
    v: zerosLike(w),
    ...(variant === 'corrected' && { previous: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const difference = state.previous ? state.previous.sub(g) : g.map((flat) => where(t.gt(1), 0, flat));
    const friction = difference.abs().map((x) => x.sigmoid());
    const size = lr.mul(biasFactor(beta1, beta2, t));
    const direction = friction.mul(m).div(rootPlus(v, eps));
    return { w: w.sub(direction.mul(size)), state: { m, v, ...(state.previous && { previous: g }) } };
  },
});
