import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { biasFactor, debias, ema, shrink } from '../rules.ts';

/**
 * AdaMod: Adam whose rates may not exceed their own moving average. Ding et al. 2019, arXiv:1910.12249.
 *
 *   rate = lr / (sqrt(v^) + eps),  s <- beta3 s + (1 - beta3) rate,  w <- w - min(rate, s) m^,  m^ and v^ as in Adam
 *
 * s begins at 0, so the first step is 1 - beta3 of Adam's: a warmup of about 1 / (1 - beta3) steps is built in. variant 'code' is
 * lancopku/AdaMod: rate = lr sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + eps) and the step min(rate, s) m, so the first moment's
 * correction is averaged and capped too; the two part in the first twenty steps. The decoupled decay is the code's; the paper has none.
 * With eps 0 an element without a gradient so far has the rate 0.
 */
export const adamod = defineOptimizer({
  id: 'adamod',
  summary: 'Adam with rates capped by their own moving average',
  source: 'Ding et al. 2019, arXiv:1910.12249; lancopku/AdaMod',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-3, 0.1), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    beta3: unit(0.999, { tune: logOneMinus(0.9, 0.9999), doc: 'decay of the rates; the paper also takes 0.9999' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
    variant: choice(
      'paper',
      ['paper', 'code'],
      "where the first moment's bias is corrected: after the cap or before it",
    ),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w), s: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, beta3, eps, weightDecay, variant } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const paper = variant === 'paper';
    const size = paper ? lr : lr.mul(biasFactor(beta1, beta2, t));
    const root = (paper ? debias(v, beta2, t) : v).sqrt().add(eps);
    const rate = root.map((x) => where(x.eq(0), 0, size.div(x)));
    const s = ema(state.s, rate, beta3);
    const direction = paper ? debias(m, beta1, t) : m;
    return { w: shrink(w, weightDecay?.mul(lr)).sub(rate.minimum(s).mul(direction)), state: { m, v, s } };
  },
});
