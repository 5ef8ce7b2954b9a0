import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, shrink } from '../rules.ts';

/**
 * Descent in the metric that the loss surface induces: a smooth form of global gradient clipping. Harvey 2025, arXiv:2509.03594.
 *
 * The surface (w, L(w)) has the metric G = D + xi g g'; by Sherman & Morrison G^-1 g = D^-1 g / (1 + xi g' D^-1 g). With averages of both parts,
 *
 *   q = xi sum g^2 / D over all parameters,   M <- beta M + (1 - beta) q,   m <- momentum m + (1 - momentum) g
 *   w <- w - lr S m^ / D - lr weightDecay w,     m^ = m / (1 - momentum^t),  M^ = M / (1 - beta^t)
 *
 *   'plain'  D = 1,                                                      S = 1 / (1 + M^)
 *   'log'    D = 1, the surface (w, log L):                              S = L / (L^2 + M^)
 *   'rms'    D = sqrt(v^) + eps,  v <- betaRms v + (1 - betaRms) g^2,    S = 1 / (1 + M^)
 *
 * xi = 0 gives SGD with averaged momentum, Adam (with the first moment's decay `momentum`, the second's `betaRms`), and descent of log L. The
 * decay is not scaled by S. 'log' takes the loss of the minibatch, which must be positive: `lossShift` is added to it. Where L and M^ are both 0,
 * S is 0. beta 0.8 is the default of the authors' code (0.1 in its first commit); their notebook on functions of two variables has 0.
 * In float32 a gradient beyond 1e19 has no square, and `variant: 'rms'` leaves NaN then; `clip-value` around it is the remedy.
 */
export const inducedMetric = defineOptimizer({
  id: 'induced-metric',
  summary: 'descent in the metric of the loss surface: smooth global clipping',
  source: 'Harvey 2025, arXiv:2509.03594',
  hyper: {
    lr: positive(0.1, { tune: log(1e-3, 1), doc: 'step size' }),
    variant: choice('plain', ['plain', 'log', 'rms'], 'the surface and the metric of its parameters'),
    momentum: unit(0.9, { tune: logOneMinus(0.5, 0.98), doc: 'decay of the moving average of gradients' }),
    xi: nonNegative(0.1, { tune: log(1e-6, 1), doc: 'weight of the gradient in the metric' }),
    beta: unit(0.8, { doc: 'decay of the moving average of the metric' }),
    betaRms: unit(0.99, { doc: "decay of the second moment of 'rms'" }),
    eps: positive(1e-8, { doc: "added to the root of the second moment of 'rms'" }),
    lossShift: optional(nonNegative(0, { doc: "added to the loss of 'log'" })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-5, 1e-1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { variant }): { m: Bundle; M: Tensor; v?: Bundle } => ({
    m: zerosLike(w),
    M: scalar(0, 'float64'),
    ...(variant === 'rms' && { v: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, hyper }) {
    const { lr, variant, momentum, xi, beta, betaRms, eps, lossShift, weightDecay } = hyper;
    const { value, grad: g } = oracle.valueAndGrad(w);
    const v = state.v && ema(state.v, g.square(), betaRms);
    const D = v && debias(v, betaRms, t).sqrt().add(eps);
    const q = (D ? g.square().div(D) : g.square()).sum().cast('float64').mul(xi);
    const M = ema(state.M, q, beta);
    const metric = debias(M, beta, t);
    const m = ema(state.m, g, momentum);
    const direction = debias(m, momentum, t);

    let S = metric.add(1).reciprocal();
    if (variant === 'log') {
      const L = lossShift ? value.add(lossShift) : value;
      const whole = L.square().add(metric);
      S = where(whole.gt(0), L.div(where(whole.gt(0), whole, 1)), 0);
    }
    const moved = shrink(w, weightDecay?.mul(lr)).sub((D ? direction.div(D) : direction).mul(S.mul(lr)));
    return { w: moved, state: { m, M, ...(v && { v }) } };
  },
});
