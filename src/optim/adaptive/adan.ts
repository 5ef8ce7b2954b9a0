import { zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { adamRoot, debias, ema, shrink, shrinkProximally } from '../rules.ts';

/**
 * Adan: Nesterov momentum from differences of gradients, scaled as in Adam. Xie et al. 2022, arXiv:2208.06677, Algorithm 1; sail-sg/Adan.
 *
 *   d = g_t - g_{t-1} (0 at the first step)
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) d,  n <- beta3 n + (1 - beta3) (g + beta2 d)^2
 *   u = (m^ + beta2 v^) / (sqrt(n^) + eps),  w <- (w - lr u) / (1 + lr weightDecay),  hats as in Adam
 *
 * As everywhere here a large beta is a slow average; the paper's betas are one minus these, and its factor (1 - beta2) on d is our beta2.
 * `maxGradNorm` scales the gradient by min(1, maxGradNorm / (|g| + eps)) over all tensors, before the difference is taken.
 * decay 'decoupled' is the authors' no_prox: w (1 - lr weightDecay) - lr u. The paper's restarts are left out.
 */
export const adan = defineOptimizer({
  id: 'adan',
  summary: 'Nesterov momentum from gradient differences, adaptively scaled',
  source: 'Xie et al. 2022, arXiv:2208.06677, Algorithm 1; sail-sg/Adan',
  hyper: {
    lr: positive(1e-3, { tune: log(3e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.98, { tune: logOneMinus(0.9, 0.99), doc: 'decay of the first moment' }),
    beta2: unit(0.92, { doc: 'decay of the differences, and their weight' }),
    beta3: unit(0.99, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'weight decay, times lr' })),
    decay: choice(
      'proximal',
      ['proximal', 'decoupled'],
      'divide w by 1 + lr weightDecay after the step, or shrink it before',
    ),
    maxGradNorm: optional(
      nonNegative(0, { tune: log(0.1, 10), doc: 'largest norm of the gradient over all parameters' }),
    ),
  },
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w), n: zerosLike(w), previous: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, beta3, eps, weightDecay, decay, maxGradNorm } }) {
    const raw = oracle.grad(w);
    const g = maxGradNorm ? raw.mul(maxGradNorm.div(raw.norm().add(eps)).minimum(1)) : raw;
    const d = g.sub(state.previous).map((difference) => where(t.gt(1), difference, 0));
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, d, beta2);
    const n = ema(state.n, g.add(d.mul(beta2)).square(), beta3);
    const u = debias(m, beta1, t).add(debias(v, beta2, t).mul(beta2));
    const step = u.div(adamRoot(n, beta3, t, eps)).mul(lr);
    const rate = weightDecay?.mul(lr);
    const next = decay === 'proximal' ? shrinkProximally(w.sub(step), rate) : shrink(w, rate).sub(step);
    return { w: next, state: { m, v, n, previous: g } };
  },
});
