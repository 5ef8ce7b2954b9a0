import { log, nonNegative, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { rademacherLike, stepsOf } from '../rules.ts';

/**
 * SPSA: a gradient estimate along one random direction, from two loss values. Spall 1992, 1998 (gain sequences).
 *
 *   a_t = lr / (t + A)^alpha,  c_t = c / t^gamma,  Delta Rademacher
 *   w <- w - a_t (f(w + c_t Delta) - f(w - c_t Delta)) / (2 c_t Delta)
 *
 * t counts from 1. A is about a tenth of the planned steps, c about the noise of the loss; `lr` is Spall's a. One direction a step
 * among d costs a factor d in speed: with thousands of parameters a few hundred steps do little.
 */
export const spsa = defineOptimizer({
  id: 'spsa',
  summary: 'two loss values along one random direction, no gradient',
  source: 'Spall 1992, IEEE TAC 37(3); Spall 1998, IEEE TAES 34(3)',
  hyper: {
    lr: positive(0.1, { tune: log(1e-4, 1), doc: 'numerator a of the step sizes' }),
    c: positive(0.1, { tune: log(1e-3, 1), doc: 'numerator of the radii' }),
    stability: nonNegative(0.1, { doc: 'A, in steps; below 1: a share of the run' }),
    alpha: nonNegative(0.602, { doc: 'power of the step sizes' }),
    gamma: nonNegative(0.101, { doc: 'power of the radii' }),
  },
  init: () => ({}),
  step({ w, oracle, t, horizon, random, hyper: { lr, c, stability, alpha, gamma } }) {
    const a = lr.div(t.add(stepsOf(stability, horizon)).pow(alpha));
    const radius = c.div(t.pow(gamma));
    const delta = rademacherLike(w, random);
    const offset = delta.mul(radius);
    const difference = oracle.loss(w.add(offset)).sub(oracle.loss(w.sub(offset)));
    const slope = difference.div(radius.mul(2));
    return { w: w.sub(delta.mul(slope.mul(a))), state: {} };
  },
});
