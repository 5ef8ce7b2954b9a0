import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, oneMinus, shrink } from '../rules.ts';

/**
 * AdEMAMix: AdamW with a second, very slow average of the gradient. Pagliardini et al. 2024, arXiv:2409.03137, Algorithm 1.
 *
 *   fast <- beta1 fast + (1 - beta1) g,  slow <- beta3_t slow + (1 - beta3_t) g,  v <- beta2 v + (1 - beta2) g^2
 *   w <- w - lr ((fast^ + alpha_t slow) / (sqrt(v^) + eps) + weightDecay w),  hats as in Adam; slow is not corrected
 *   alpha_t = alpha min(t / T, 1),  beta3_t: the half-life of the average grows linearly from that of beta1 to that of beta3
 *
 * T is the whole run by default, as in the paper; 0 switches a warmup off, as the authors' code does where nothing is said. With beta1 0 the
 * fast average is the gradient itself and is not kept. beta3 0.9999 wants tens of thousands of steps; take 0.999 or less for short runs.
 */
export const ademamix = defineOptimizer({
  id: 'ademamix',
  summary: 'AdamW with a second, very slow average of the gradient',
  source: 'Pagliardini et al. 2024, arXiv:2409.03137, Algorithm 1; apple/ml-ademamix',
  hyper: {
    lr: positive(1e-3, { tune: log(3e-5, 5e-3), doc: 'step size' }),
    beta1: optional(unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the fast average; 0 keeps none' })),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    beta3: unit(0.9999, { tune: logOneMinus(0.99, 0.9999), doc: 'decay of the slow average' }),
    alpha: nonNegative(5, { tune: log(1, 10), doc: 'weight of the slow average' }),
    alphaWarmup: optional(nonNegative(1, { doc: 'steps in which alpha grows; up to 1: a share of the run' })),
    beta3Warmup: optional(nonNegative(1, { doc: 'steps in which beta3 grows; up to 1: a share of the run' })),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { beta1 }): { fast?: Bundle; slow: Bundle; v: Bundle } => ({
    ...(beta1 && { fast: zerosLike(w) }),
    slow: zerosLike(w),
    v: zerosLike(w),
  }),
  step({ w, state, oracle, t, horizon, hyper }) {
    const { lr, beta1, beta2, beta3, alpha, alphaWarmup, beta3Warmup, eps, weightDecay } = hyper;
    const g = oracle.grad(w);
    const fast = state.fast && beta1 ? ema(state.fast, g, beta1) : undefined;
    const slow = ema(state.slow, g, beta3Warmup ? slowDecay(beta1, beta3, progress(beta3Warmup, t, horizon)) : beta3);
    const v = ema(state.v, g.square(), beta2);
    const weight = alphaWarmup ? alpha.mul(progress(alphaWarmup, t, horizon)) : alpha;
    const near = fast && beta1 ? debias(fast, beta1, t) : g;
    const direction = near.add(slow.mul(weight)).div(adamRoot(v, beta2, t, eps));
    return {
      w: shrink(w, weightDecay?.mul(lr)).sub(direction.mul(lr)),
      state: { ...(fast && { fast }), slow, v },
    };
  },
});

/** How far a warmup has come, from 0 to 1. One step is no warmup, so amounts up to 1 are shares of the run. */
const progress = (warmup: Tensor, t: Tensor, horizon: Tensor): Tensor =>
  t.div(where(warmup.le(1), warmup.mul(horizon), warmup)).minimum(1);

/** beta3 on its way from beta1 (0 where none is given): its half-life, proportional to -1 / ln(beta), grows linearly. */
export function slowDecay(beta1: Tensor | undefined, beta3: Tensor, share: Tensor): Tensor {
  const rate = share.div(beta3.log().neg());
  const together = beta1 ? rate.add(oneMinus(share).div(beta1.log().neg())) : rate;
  return together.reciprocal().neg().exp().minimum(beta3);
}
