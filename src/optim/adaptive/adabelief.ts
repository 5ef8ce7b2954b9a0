import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, oneMinus, quotient } from '../rules.ts';
import { decayForm, withDecay } from './decay.ts';
import { rectification } from './rectification.ts';

/**
 * AdaBelief: Adam scaled by how far gradients stray from their average. Zhuang et al. 2020, arXiv:2010.07468, Algorithm 2.
 *
 *   m <- beta1 m + (1 - beta1) g,  s <- beta2 s + (1 - beta2) (g - m)^2 + eps  (m the new one; eps accumulates in s)
 *   w <- w - lr m^ / (sqrt(s^) + eps),  m^ = m / (1 - beta1^t),  s^ = s / (1 - beta2^t)
 *
 * eps is about the square of Adam's. The authors' package (from 0.1 on) rectifies by default, as RAdam does but with eps beside the
 * uncorrected root; the paper's algorithm does not, nor do we: `rectify` switches it on. `amsgrad` divides by the largest s so far.
 * A gradient that never changes leaves s to eps alone: m^ / sqrt(s^) grows, so an eps of 0 is for experiments only.
 */
export const adabelief = defineOptimizer({
  id: 'adabelief',
  summary: 'Adam scaled by the deviation of gradients from their average',
  source: 'Zhuang et al. 2020, arXiv:2010.07468, Algorithm 2; juntang-zhuang/Adabelief-Optimizer',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the squared deviations' }),
    eps: nonNegative(1e-16, { tune: log(1e-16, 1e-8), doc: 'added to s at every step, and to its root' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'weight decay, entering by `decay`' })),
    decay: decayForm('decoupled'),
    rectify: flag(false, "the variance correction of RAdam, the default of the authors' package"),
    amsgrad: flag(false, 'divide by the largest s so far'),
  },
  init: (w, { amsgrad }): { m: Bundle; s: Bundle; largest?: Bundle } => ({
    m: zerosLike(w),
    s: zerosLike(w),
    ...(amsgrad && { largest: zerosLike(w) }),
  }),
  step({ w: before, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay, decay, rectify } }) {
    const { g, w } = withDecay(before, oracle.grad(before), { lr, weightDecay, decay });
    const m = ema(state.m, g, beta1);
    const s = ema(state.s, g.sub(m).square(), beta2).add(eps);
    const largest = state.largest?.maximum(s);
    const scale = largest ?? s;
    const mean = debias(m, beta1, t);
    const direction = rectify
      ? rectified(mean, scale.sqrt().add(eps), beta2, t)
      : quotient(mean, debias(scale, beta2, t).sqrt().add(eps));
    return { w: w.sub(direction.mul(lr)), state: { m, s, ...(largest && { largest }) } };
  },
});

/** The mean over the uncorrected root, rectified, from the step on where its variance is tractable; the mean alone before. */
function rectified(mean: Bundle, root: Bundle, beta2: Tensor, t: Tensor): Bundle {
  const { length, factor } = rectification(beta2, t);
  const adapted = quotient(mean, root).mul(factor.mul(oneMinus(beta2.pow(t)).sqrt()));
  return adapted.zip(mean, (a, b) => where(length.ge(5), a, b));
}
