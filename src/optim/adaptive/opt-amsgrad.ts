import { Bundle, zerosLike } from '../../tensor/bundle.ts';
import { stack, where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, count, log, logOneMinus, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema } from '../rules.ts';
import { extrapolationWeights } from './extrapolation.ts';

type OptAmsgradState = {
  readonly theta: Bundle;
  readonly v: Bundle;
  readonly vMax: Bundle;
  /** The iterate before its optimistic step. */
  readonly hidden: Bundle;
  /** The last gradients, oldest first; zeros where there was none yet. */
  readonly history?: readonly Bundle[];
};

/** The gradient that regularised minimal polynomial extrapolation expects after these: a sum of the newer end of each difference. */
function predicted(gradients: readonly Bundle[], regularization: Tensor, t: Tensor): Bundle {
  const r = gradients.length - 1;
  const flats = gradients.map(({ flat }) => flat);
  const newest = flats[r];
  const known = t.sub(1).minimum(r);
  const c = extrapolationWeights(flats, regularization, known).cast(newest.dtype).reshape([1, r]);
  const sum = c.matmul(stack(flats.slice(1))).reshape([newest.size]);
  return Bundle.fromFlat(gradients[r].layout, where(known.lt(1), newest, sum));
}

/**
 * OPT-AMSGrad: AMSGrad with a further step along a prediction p of the next gradient. Wang, Li, Karimi & Li 2021 (ACML), arXiv:1903.01435,
 * Algorithms 2 and 3.
 *
 *   theta_t = beta1 theta_{t-1} + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  v~ <- max(v~, v)
 *   h <- h - lr theta_t / sqrt(v~),  w <- h - lr (beta1 theta_{t-1} + (1 - beta1) p) / sqrt(v~)
 *
 * h is a hidden iterate, g is taken at w. v and v~ begin at eps, which stands nowhere else; nothing is debiased. theta_{t-1} (and not theta_t) in
 * the second step is in the algorithm and in the theorem. p extrapolates the last `history` + 1 gradients (see extrapolation.ts).
 *
 * Ambiguous, and what we do: the extrapolation needs r + 1 gradients but sums r: each difference gives its newer end; before there are r + 1 it
 * takes those there are, and the first step has p = g. The paper does not give its regularisation: ours is relative, 1e-8 of the mean squared
 * length of the differences. No code of the authors is known, so no other implementation stands behind the numbers. `prediction: 'last'` is p = g.
 */
export const optAmsgrad = defineOptimizer({
  id: 'opt-amsgrad',
  summary: 'AMSGrad with an optimistic step along the predicted next gradient',
  source: 'Wang, Li, Karimi & Li 2021, arXiv:1903.01435, Algorithms 2 and 3',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: positive(1e-8, { doc: 'what the second moment begins at' }),
    prediction: choice(
      'extrapolation',
      ['extrapolation', 'last'],
      'of the next gradient: from several, or the last one',
    ),
    history: count(5, 'gradients before the current one that the extrapolation uses, r'),
    regularization: positive(1e-8, { doc: 'of the extrapolation, relative to the mean squared difference' }),
  },
  init: (w, { eps, prediction, history }): OptAmsgradState => ({
    theta: zerosLike(w),
    v: zerosLike(w).add(eps),
    vMax: zerosLike(w).add(eps),
    hidden: w,
    ...(prediction === 'extrapolation' && { history: Array.from({ length: history }, () => zerosLike(w)) }),
  }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, regularization } }) {
    const g = oracle.grad(w);
    const gradients = state.history && [...state.history, g];
    const expected = gradients ? predicted(gradients, regularization, t) : g;
    const theta = ema(state.theta, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const vMax = state.vMax.maximum(v);
    const along = (direction: Bundle) => direction.div(vMax.sqrt()).mul(lr);
    const hidden = state.hidden.sub(along(theta));
    return {
      w: hidden.sub(along(ema(state.theta, expected, beta1))),
      state: { theta, v, vMax, hidden, ...(gradients && { history: gradients.slice(1) }) },
    };
  },
});
