import { log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { shrink } from '../rules.ts';

/**
 * SignSGD: a step of one size along the sign of the gradient. Bernstein et al. 2018, arXiv:1802.04434, Algorithm 1.
 *
 *   w <- w - lr sign(g),  sign(0) = 0
 *
 * It is normalised steepest descent in the l-infinity norm (see steepest-descent). The paper has no weight decay; ours is decoupled, as in
 * Lion.
 */
export const signsgd = defineOptimizer({
  id: 'signsgd',
  summary: 'fixed-size steps along the sign of the gradient',
  source: 'Bernstein et al. 2018, arXiv:1802.04434, Algorithm 1',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-5, 1e-2), doc: 'step of every coordinate' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr' })),
  },
  init: () => ({}),
  step: ({ w, oracle, hyper: { lr, weightDecay } }) => ({
    w: shrink(w, weightDecay?.mul(lr)).sub(oracle.grad(w).sign().mul(lr)),
    state: {},
  }),
});
