import type { Bundle } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer, type EvaluationContext, type StepContext, type SymbolicHypers } from '../optimizer.ts';
import { l2 } from '../rules.ts';
import {
  type Average,
  averaging,
  byTensor,
  gamma,
  globally,
  nextAverage,
  type Scope,
  startAverage,
} from './distance.ts';

const hyper = {
  lr: positive(1, { tune: log(0.3, 3), doc: 'factor c of the step size; 1 is meant to do' }),
  repsRel: positive(1e-6, {
    tune: log(1e-5, 1e-1),
    doc: 'first distance, as a share of 1 + |w_0|; 1e-4 with batch normalisation',
  }),
  eps: positive(1e-8, { doc: 'added to the sum of squared gradient norms' }),
  weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  average: averaging('polynomial', 'the distance'),
  gamma,
};

type State = {
  readonly start: Bundle;
  readonly distance: Tensor;
  readonly squares: Tensor;
  readonly average?: Average;
};
type Hypers = SymbolicHypers<typeof hyper>;

/** The rule with its norms over all parameters, or over each tensor by itself. */
const distanceOverGradients = (scope: Scope) => ({
  hyper,
  init: (w: Bundle, { repsRel, average }: Hypers): State => {
    const distance = scope.sums(w.square()).sqrt().add(1).mul(repsRel);
    return { start: w, distance, squares: distance.mul(0), ...startAverage(w, average, distance) };
  },
  step({ w, state, oracle, t, hyper: { lr, eps, weightDecay, gamma } }: StepContext<State, Hypers>) {
    const { start } = state;
    const g = l2(oracle.grad(w), w, weightDecay);
    const distance = state.distance.maximum(scope.sums(w.sub(start).square()).sqrt());
    const squares = state.squares.add(scope.sums(g.square()));
    const eta = distance.div(squares.add(eps).sqrt());
    const to = w.sub(g.mul(scope.spread(eta.mul(lr), w)));
    const average = state.average && nextAverage(state.average, { from: w, to, weight: distance }, { gamma, t, scope });
    return { w: to, state: { start, distance, squares, ...(average && { average }) } };
  },
  evaluationPoint: ({ w, state }: EvaluationContext<State, Hypers>): Bundle => state.average?.mean ?? w,
});

/**
 * DoG, distance over gradients: SGD whose step size is the farthest distance from the start over the root of the sum of squared gradient
 * norms. Ivgi, Hinder & Carmon 2023, arXiv:2302.12022; formll/dog.
 *
 *   r <- max(r, |w - w_0|), r_0 = repsRel (1 + |w_0|),  S <- S + |g|^2,  w <- w - lr r / sqrt(S + eps) g
 *
 *   mean <- (1 - k) mean + k w_t,  k = (gamma + 1) / (gamma + t)
 *
 * Norms run over all parameters. Evaluate at the mean, the polynomial-decay average that the authors use; `average: 'distance'` is the
 * theorem's, gradient points weighted by r. The decay is in the gradient, and so in S.
 * In float32 parameters beyond 1e19 have no norm and leave NaN here.
 */
export const dog = defineOptimizer({
  id: 'dog',
  summary: 'step size = distance from the start over gradients, no learning rate to tune',
  source: 'Ivgi, Hinder & Carmon 2023, arXiv:2302.12022; formll/dog',
  ...distanceOverGradients(globally),
});

/**
 * LDoG: DoG with a distance and a gradient sum of its own for each tensor. Ivgi, Hinder & Carmon 2023, arXiv:2302.12022.
 * In float32 parameters beyond 1e19 have no norm and leave NaN here.
 */
export const ldog = defineOptimizer({
  id: 'ldog',
  summary: 'DoG with a step size of its own for each tensor',
  source: 'Ivgi, Hinder & Carmon 2023, arXiv:2302.12022; formll/dog',
  ...distanceOverGradients(byTensor),
});
