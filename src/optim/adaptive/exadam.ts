import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, shrink } from '../rules.ts';

/** x / (x + eps), as 1 / (1 + eps / x): it is 1 where a square is beyond float32. */
const share = (x: Bundle, eps: Tensor): Bundle => x.map((flat) => eps.cast(flat.dtype).div(flat).add(1).reciprocal());

/**
 * EXAdam: Adam whose bias corrections look at each other's moment, with the current gradient added. Adly 2024, arXiv:2412.20302.
 *
 *   d1 = 1 + v / (v + eps) beta2^t,  d2 = 1 + m^2 / (m^2 + eps) beta1^t,  m and v as in Adam
 *   w <- w - lr_t (m / (1 - beta1^t) + g / (1 - beta1^t)) d1 / (sqrt(v / (1 - beta2^t) d2) + eps)
 *   lr_t = lr ln(sqrt(2 (t + 1))), or lr with `dynamicStep: false`
 *
 * The growing step is that of the paper's first version and of the first commit of AhmedMostafa16/EXAdam; later commits dropped it.
 * The gradient is divided by 1 - beta1^t, 0.1 at first, so the first steps are about ten times those of Adam: take a small lr.
 */
export const exadam = defineOptimizer({
  id: 'exadam',
  summary: 'Adam with crossed bias corrections and the current gradient added',
  source: 'Adly 2024, arXiv:2412.20302; AhmedMostafa16/EXAdam',
  hyper: {
    lr: positive(1e-3, { tune: log(3e-5, 3e-3), doc: 'step size, a few times smaller than that of Adam' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: positive(1e-8, { doc: 'keeps the three quotients finite' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
    dynamicStep: flag(true, 'the step grows as the logarithm of t'),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay, dynamicStep } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const squared = m.square();
    const d1 = share(v, eps).mul(beta2.pow(t)).add(1);
    const d2 = share(squared, eps).mul(beta1.pow(t)).add(1);
    const root = debias(v, beta2, t).mul(d2).sqrt().add(eps);
    const direction = debias(m.add(g), beta1, t).mul(d1).div(root);
    const size = dynamicStep ? lr.mul(t.add(1).mul(2).sqrt().log()) : lr;
    return { w: shrink(w, weightDecay?.mul(lr)).sub(direction.mul(size)), state: { m, v } };
  },
});
