import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit, within } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, ema, oneMinus } from '../rules.ts';
import { decayForm, withDecay } from './decay.ts';

/** Between which rates step t may choose: both tend to `finalLr`, the faster the larger gamma is. */
export const rateBounds = (finalLr: Tensor, gamma: Tensor, t: Tensor): { lower: Tensor; upper: Tensor } => ({
  lower: finalLr.mul(oneMinus(gamma.mul(t).add(1).reciprocal())),
  upper: finalLr.mul(gamma.mul(t).reciprocal().add(1)),
});

/**
 * AdaBound and AMSBound: Adam whose rates are clipped into a band that narrows to the one rate of SGD. Luo et al. 2019, arXiv:1902.09843,
 * Algorithms 2 and 3; Luolc/AdaBound.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  s = v, with `amsbound` the largest v so far
 *   rate = clip(lr sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(s) + eps), finalLr (1 - 1 / (gamma t + 1)), finalLr (1 + 1 / (gamma t)))
 *   w <- w - rate m
 *
 * m is not corrected: its correction is inside the clip. A schedule scales finalLr as it scales lr, as in the authors' code.
 * form 'paper' corrects nothing and divides the clipped rate by sqrt(t), which the regret bound needs; its gamma is 1 - beta2.
 * The band is open at gamma 0, where the authors' code divides by zero: refused. `decay: 'fixed'` is their AdaBoundW.
 */
export const adabound = defineOptimizer({
  id: 'adabound',
  summary: 'Adam whose rates are clipped into a band that narrows to the rate of SGD',
  source: 'Luo et al. 2019, arXiv:1902.09843, Algorithms 2 and 3; Luolc/AdaBound',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size of the Adam-like beginning' }),
    finalLr: positive(0.1, { tune: log(1e-2, 1), doc: 'step size of the SGD-like end' }),
    gamma: within('(0, 1)', (v) => v > 0 && v < 1)(1e-3, { doc: 'how fast the band narrows' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay, entering by `decay`' })),
    decay: decayForm('l2'),
    amsbound: flag(false, 'divide by the largest second moment so far (AMSBound)'),
    form: choice('code', ['code', 'paper'], "the authors' code, or the paper's algorithm without corrections"),
  },
  init: (w, { amsbound }): { m: Bundle; v: Bundle; largest?: Bundle } => ({
    m: zerosLike(w),
    v: zerosLike(w),
    ...(amsbound && { largest: zerosLike(w) }),
  }),
  step({ w: before, state, oracle, t, hyper: { lr, finalLr, gamma, beta1, beta2, eps, weightDecay, decay, form } }) {
    const { g, w } = withDecay(before, oracle.grad(before), { lr, weightDecay, decay });
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const largest = state.largest?.maximum(v);
    const corrected = form === 'code';
    const start = corrected ? lr.mul(biasFactor(beta1, beta2, t)) : lr;
    const { lower, upper } = rateBounds(finalLr, gamma, t);
    const root = (largest ?? v).sqrt().add(eps);
    const clipped = root.map((x) => start.div(x)).clip(lower, upper);
    const rate = corrected ? clipped : clipped.div(t.sqrt());
    return { w: w.sub(rate.mul(m)), state: { m, v, ...(largest && { largest }) } };
  },
});
