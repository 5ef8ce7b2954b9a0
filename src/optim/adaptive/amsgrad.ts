import { zerosLike } from '../../tensor/bundle.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit, within } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, rootPlus } from '../rules.ts';
import { decayForm, withDecay } from './decay.ts';

/**
 * AMSGrad: Adam that divides by the largest second moment so far, so that no coordinate's step size grows. Reddi, Kale & Kumar 2018,
 * arXiv:1904.09237, Algorithm 2.
 *
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  v~ <- max(v~, v)
 *
 * Three rules bear the name:
 *   'paper'    w <- w - lr m / (sqrt(v~) + eps), no bias correction (the paper has no eps either; `eps: 0` with 0 / 0 = 0)
 *   'pytorch'  w <- w - lr m^ / (sqrt(v~ / (1 - beta2^t)) + eps), the maximum over uncorrected v
 *   'optax'    v~ <- max(v~, v / (1 - beta2^t)),  w <- w - lr m^ / (sqrt(v~) + eps), so that inflated early values stay for good
 *
 * The theory wants beta1 < sqrt(beta2), lr_t = lr / sqrt(t) (a schedule) and lets beta1 fade as beta1 beta1Decay^(t-1) ('paper' only). Its
 * projection onto a box is clipping of w after the step.
 */
export const amsgrad = defineOptimizer({
  id: 'amsgrad',
  summary: 'Adam over the running maximum of its second moment',
  source: 'Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the maximum' }),
    variant: choice('pytorch', ['pytorch', 'paper', 'optax'], 'what is corrected for bias, and when'),
    beta1Decay: within('(0, 1]', (v) => v > 0 && v <= 1)(1, { doc: "lambda of the paper's beta1 lambda^(t-1)" }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay; decay says where it enters' })),
    decay: decayForm('l2'),
  },
  check: ({ variant, beta1Decay }) =>
    variant !== 'paper' && beta1Decay < 1
      ? `beta1Decay is ${beta1Decay}; with variant '${variant}', whose bias correction takes beta1 for constant, it must be 1`
      : null,
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w), vMax: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, variant, beta1Decay, weightDecay, decay } }) {
    const { g, w: kept } = withDecay(w, oracle.grad(w), { lr, weightDecay, decay });
    const m = ema(state.m, g, variant === 'paper' ? beta1Decay.pow(t.sub(1)).mul(beta1) : beta1);
    const v = ema(state.v, g.square(), beta2);
    const vMax = state.vMax.maximum(variant === 'optax' ? debias(v, beta2, t) : v);
    const root = variant === 'pytorch' ? adamRoot(vMax, beta2, t, eps) : rootPlus(vMax, eps);
    const direction = (variant === 'paper' ? m : debias(m, beta1, t)).div(root);
    return { w: kept.sub(direction.mul(lr)), state: { m, v, vMax } };
  },
});
