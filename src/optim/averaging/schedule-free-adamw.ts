import { zerosLike } from '../../tensor/bundle.ts';
import { choice, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, oneMinus, rootPlus } from '../rules.ts';
import { averageOf, interpolate, interpolation, noWeighting, warmed } from './interpolate.ts';

/**
 * Schedule-Free AdamW: Adam's second moment on z, an average x in place of the first moment. Defazio et al. 2024, arXiv:2405.15682, Algorithm 1.
 *
 *   v <- beta2 v + (1 - beta2) g^2,  z <- z - gamma (g / (sqrt(v / (1 - beta2^t)) + eps) + weightDecay y),  x and y as in schedule-free-sgd
 *
 * with g the gradient at y. variant 'paper': gamma = lr warmup sqrt(1 - beta2^t), and the denominator is sqrt(v) + eps; this gamma also enters
 * the weights of the average. The authors' code changed to 'current' in version 1.3. beta1 0.95 to 0.98 serves long runs.
 */
export const scheduleFreeAdamw = defineOptimizer({
  id: 'schedule-free-adamw',
  summary: 'AdamW whose averaging replaces momentum and schedule',
  source: 'Defazio et al. 2024, arXiv:2405.15682, Algorithm 1; facebookresearch/schedule_free',
  hyper: {
    lr: positive(2.5e-3, { tune: log(3e-4, 1e-1), doc: 'step size of z; 1 to 10 times that of Adam' }),
    beta1: interpolation(0.9),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    warmupSteps: nonNegative(0.05, {
      tune: log(0.01, 0.2),
      doc: 'steps of linear warmup; below 1: a share of the run',
    }),
    r: nonNegative(0, { doc: 'weights grow as t^r' }),
    p: nonNegative(2, { doc: 'weights grow as the largest step size to this power' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decay at y, times the step size' })),
    variant: choice('current', ['current', 'paper'], 'where the bias of the second moment is corrected'),
  },
  init: (w) => ({ z: w, v: zerosLike(w), weighting: noWeighting() }),
  step({ w: y, state, oracle, t, horizon, hyper }) {
    const { lr, beta1: beta, beta2, eps, warmupSteps, r, p, weightDecay, variant } = hyper;
    const current = variant === 'current';
    const g = oracle.grad(y);
    const v = ema(state.v, g.square(), beta2);
    const warm = warmed(lr, warmupSteps, t, horizon);
    const gamma = current ? warm : warm.mul(oneMinus(beta2.pow(t)).sqrt());
    const u = g.div(rootPlus(current ? debias(v, beta2, t) : v, eps));
    const z = state.z.sub(l2(u, y, weightDecay).mul(gamma));
    const next = interpolate({ y, z: [state.z, z], weighting: state.weighting }, { beta, gamma, t, r, p });
    return { w: next.y, state: { z, v, weighting: next.weighting } };
  },
  evaluationPoint: ({ w, state, hyper: { beta1 } }) => averageOf(w, state.z, beta1),
});
