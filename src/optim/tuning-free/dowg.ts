import type { Bundle } from '../../tensor/bundle.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2 } from '../rules.ts';
import { type Average, averaging, gamma, globally, nextAverage, ratio, startAverage } from './distance.ts';

/**
 * DoWG, distance over weighted gradients: DoG whose gradient norms count the more, the farther from the start. Khaled, Mishchenko & Jin 2023,
 * arXiv:2305.16284, Algorithm 1.
 *
 *   r^2 <- max(r^2, |w - w_0|^2), r_0 = rEps,  v <- v + r^2 |g|^2,  w <- w - lr r^2 / (sqrt(v) + eps) g
 *
 * The authors' code and Optax begin with r^2 = 1e-4 and add 1e-4 to the root: rEps 1e-2 with eps 1e-4 here. Without eps the iterates do not
 * see the scale of the loss; while all gradients have been 0 the step is 0. `average: 'distance'` weights gradient points by r^2, as the
 * theorems do.
 */
export const dowg = defineOptimizer({
  id: 'dowg',
  summary: 'DoG with distance-weighted gradient norms',
  source: 'Khaled, Mishchenko & Jin 2023, arXiv:2305.16284, Algorithm 1',
  hyper: {
    lr: positive(1, { tune: log(0.3, 3), doc: 'factor of the step size; 1 is meant to do' }),
    rEps: positive(1e-4, { tune: log(1e-4, 1), doc: 'first distance' }),
    eps: nonNegative(0, { doc: 'added to the root of the weighted sum' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
    average: averaging('none', 'the squared distance'),
    gamma,
  },
  init: (
    w,
    { rEps, average },
  ): { start: Bundle; squaredDistance: Tensor; weightedSquares: Tensor; average?: Average } => ({
    start: w,
    squaredDistance: rEps.square(),
    weightedSquares: scalar(0, 'float64'),
    ...startAverage(w, average, rEps),
  }),
  step({ w, state, oracle, t, hyper: { lr, eps, weightDecay, gamma } }) {
    const { start } = state;
    const g = l2(oracle.grad(w), w, weightDecay);
    const squaredDistance = state.squaredDistance.maximum(globally.sums(w.sub(start).square()));
    const weightedSquares = state.weightedSquares.add(squaredDistance.mul(globally.sums(g.square())));
    const eta = ratio(squaredDistance, weightedSquares.sqrt().add(eps));
    const to = w.sub(g.mul(eta.mul(lr)));
    const average =
      state.average &&
      nextAverage(state.average, { from: w, to, weight: squaredDistance }, { gamma, t, scope: globally });
    return { w: to, state: { start, squaredDistance, weightedSquares, ...(average && { average }) } };
  },
  evaluationPoint: ({ w, state }) => state.average?.mean ?? w,
});
