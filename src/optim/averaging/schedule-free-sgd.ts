import { log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2 } from '../rules.ts';
import { averageOf, interpolate, interpolation, noWeighting, warmed } from './interpolate.ts';

/**
 * Schedule-Free SGD: no schedule and no horizon; SGD on z, evaluated at the average x. Defazio et al. 2024, arXiv:2405.15682, eq. 3-5.
 *
 *   z <- z - gamma grad f(y),  x <- (1 - c) x + c z,  y <- beta x + (1 - beta) z;  c = w_t / sum w,  w_t = t^r max(gamma)^p
 *
 * y is what is trained, x what is evaluated and kept; x is rebuilt from y and z, so the state is one float. The paper has c = 1 / t, or
 * weights gamma^2; the authors' code generalises with r, p and the running maximum, and we follow it. Without warmup c = 1 / t.
 */
export const scheduleFreeSgd = defineOptimizer({
  id: 'schedule-free-sgd',
  summary: 'SGD whose averaging replaces the schedule',
  source: 'Defazio et al. 2024, arXiv:2405.15682, eq. 3-5; facebookresearch/schedule_free',
  hyper: {
    lr: positive(1, { tune: log(1e-2, 10), doc: 'step size of z; larger than for SGD' }),
    beta: interpolation(0.9),
    warmupSteps: nonNegative(0, { doc: 'steps of linear warmup; below 1: a share of the run' }),
    r: nonNegative(0, { doc: 'weights grow as t^r' }),
    p: nonNegative(2, { doc: 'weights grow as the largest step size to this power' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient, at y' })),
  },
  init: (w) => ({ z: w, weighting: noWeighting() }),
  step({ w: y, state, oracle, t, horizon, hyper: { lr, beta, warmupSteps, r, p, weightDecay } }) {
    const gamma = warmed(lr, warmupSteps, t, horizon);
    const z = state.z.sub(l2(oracle.grad(y), y, weightDecay).mul(gamma));
    const next = interpolate({ y, z: [state.z, z], weighting: state.weighting }, { beta, gamma, t, r, p });
    return { w: next.y, state: { z, weighting: next.weighting } };
  },
  evaluationPoint: ({ w, state, hyper: { beta } }) => averageOf(w, state.z, beta),
});
