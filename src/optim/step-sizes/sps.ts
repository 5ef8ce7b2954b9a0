import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, nonNegative, positive, within } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { inner } from '../tuning-free/distance.ts';
import { fStar, gap, unlessFlat } from './polyak.ts';

/**
 * SPS, the stochastic Polyak step size: SGD whose step is as long as the loss of its minibatch says. Loizou et al. 2021, arXiv:2002.10542,
 * section 2.
 *
 *   w <- w - eta g,  eta = min(cap, max(0, f - fStar) / (c |g|^2 + eps))
 *
 * `cap` 'fixed' is SPS_max, cap = lr; 'smooth', the default of the authors' code, lets eta grow slowly: cap = gamma^(1 / batchesPerEpoch)
 * times the last eta, lr at first. Gradient and loss are of one minibatch. No step where |g| < 1e-8. Where eta is 0, 'smooth' remembers the
 * last one that was not; the authors' code, whose smooth form has no fStar, would never move again. c is 1/2 for convex losses, and 0.2 was
 * used for deep networks. Optax's `polyak_sgd` has c 1 and cap 1.
 */
export const sps = defineOptimizer({
  id: 'sps',
  summary: 'stochastic Polyak step size: the loss over the squared gradient norm',
  source: 'Loizou et al. 2021, arXiv:2002.10542, section 2; IssamLaradji/sps',
  hyper: {
    lr: positive(1, { tune: log(0.01, 10), doc: "largest step size, or the first one of cap 'smooth'" }),
    c: positive(0.5, { tune: log(0.1, 2), doc: 'divides the step size' }),
    eps: nonNegative(1e-8, { doc: 'added to c |g|^2' }),
    fStar,
    cap: choice('fixed', ['fixed', 'smooth'], 'what bounds the step size: lr, or a multiple of the last one'),
    gamma: within('[1, inf)', (v) => v >= 1)(2, { doc: 'most growth of the step size in one epoch, smooth' }),
    batchesPerEpoch: positive(500, { doc: 'steps of one epoch, smooth' }),
  },
  init: (_, { lr, cap }): { eta?: Tensor } => (cap === 'smooth' ? { eta: lr } : {}),
  step({ w, state, oracle, hyper: { lr, c, eps, fStar, gamma, batchesPerEpoch } }) {
    const { value, grad: g } = oracle.valueAndGrad(w);
    const squared = inner(g, g);
    const cap = state.eta ? state.eta.mul(gamma.pow(batchesPerEpoch.reciprocal())) : lr;
    const eta = unlessFlat(squared.sqrt(), gap(value, fStar).div(squared.mul(c).add(eps)).minimum(cap));
    return { w: w.sub(g.mul(eta)), state: state.eta ? { eta: where(eta.gt(0), eta, state.eta) } : {} };
  },
});
