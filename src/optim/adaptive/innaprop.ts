import { zerosLike } from '../../tensor/bundle.ts';
import { log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, ema, oneMinus, shrink } from '../rules.ts';

/**
 * INNAprop: INNA with the gradient over RMSProp's root and AdamW's decay. Bolte et al. 2024, arXiv:2410.05871, Algorithm 1.
 *
 *   w <- (1 - lr weightDecay) w,  v <- sigma v + (1 - sigma) g^2,  P = (1/beta - alpha) w - psi / beta
 *   psi <- psi + lr P,  w <- w + lr P - lr beta g / (sqrt(v / (1 - sigma^t)) + eps),  psi_0 = (1 - alpha beta) w_0
 *
 * P is of the decayed w and the old psi. The authors' code writes the same step with 1 / (beta - lr), which breaks at lr = beta; this form
 * does not. alpha = beta = 1 is AdamW with beta1 = 0. (0.1, 0.9) is fast early; (2, 2) ends lower and is their choice for language models.
 */
export const innaprop = defineOptimizer({
  id: 'innaprop',
  summary: "INNA's inertial Newton flow with RMSProp's scaling and AdamW's decay",
  source: 'Bolte et al. 2024, arXiv:2410.05871, Algorithm 1; innaprop/innaprop',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    alpha: nonNegative(0.1, { tune: log(0.05, 2), doc: 'viscous damping' }),
    beta: positive(0.9, { tune: log(0.5, 4), doc: 'Hessian-driven damping; the scaled gradient enters times it' }),
    sigma: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(1e-2, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { alpha, beta }) => ({ psi: w.mul(oneMinus(alpha.mul(beta))), v: zerosLike(w) }),
  step({ w: start, state, oracle, t, hyper: { lr, alpha, beta, sigma, eps, weightDecay } }) {
    const g = oracle.grad(start);
    const w = shrink(start, weightDecay?.mul(lr));
    const v = ema(state.v, g.square(), sigma);
    const scaled = g.div(adamRoot(v, sigma, t, eps));
    const P = w.mul(beta.reciprocal().sub(alpha)).sub(state.psi.div(beta));
    return { w: w.add(P.sub(scaled.mul(beta)).mul(lr)), state: { psi: state.psi.add(P.mul(lr)), v } };
  },
});
