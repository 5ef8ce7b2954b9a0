import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { choice, count, log, logOneMinus, nonNegative, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, normalLike, shrink } from '../rules.ts';

/**
 * Sophia: momentum over a moving average of the Hessian's diagonal, clipped element by element. Liu et al. 2023, arXiv:2305.14342, Algorithm 3.
 *
 *   m <- beta1 m + (1 - beta1) g;  at steps 1, 1 + k, 1 + 2k, ...: h <- beta2 h + (1 - beta2) h^, without bias correction
 *   w <- (1 - lr weightDecay) w,  w <- w - lr clip(m / max(gamma h, eps), -1, 1)
 *
 * h^ 'hutchinson' (Sophia-H): u (H u), u standard normal. 'gauss-newton-bartlett' (Sophia-G): B g^ g^, g^ the gradient of the mean loss over
 * B labels that are drawn from the model's own softmax; only a task whose loss is a cross entropy of logits can answer that (`labels` of
 * `defineTask`). Where h is 0 or negative the step is lr sign(m); with m = 0 too it is 0.
 *
 * The authors' code (G) clips |m| / (rho B h) with h an average of g^ g^: the same rule, rho for gamma; it takes each estimate after the
 * step before, so that its first steps are signs. gamma is to be tuned so that a tenth to a half of the entries are not clipped: about
 * 0.01 for Hutchinson's estimate, 0.05 for the other.
 */
export const sophia = defineOptimizer({
  id: 'sophia',
  summary: 'momentum over an average of the Hessian diagonal, clipped element by element',
  source: 'Liu et al. 2023, arXiv:2305.14342, Algorithm 3; Liuhong99/Sophia',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 1e-2), doc: 'step size, and the largest change of an element' }),
    beta1: unit(0.96, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    beta2: unit(0.99, { doc: 'decay of the average of estimates' }),
    gamma: positive(0.01, { tune: log(1e-3, 1), doc: 'factor of the curvature: larger values clip less' }),
    eps: positive(1e-12, { doc: 'least denominator' }),
    weightDecay: nonNegative(0.1, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr' }),
    period: count(10, 'steps between two estimates'),
    estimator: choice('hutchinson', ['hutchinson', 'gauss-newton-bartlett'], 'how the diagonal is estimated'),
  },
  init: (w) => ({ m: zerosLike(w), h: zerosLike(w) }),
  step({ w, state, oracle, every, random, hyper }) {
    const { lr, beta1, beta2, gamma, eps, weightDecay, period, estimator } = hyper;
    const m = ema(state.m, oracle.grad(w), beta1);
    const estimate = (): Bundle => {
      if (estimator === 'gauss-newton-bartlett') {
        const { grad, labels } = oracle.sampledGrad(w);
        return grad.square().mul(labels);
      }
      const u = normalLike(w, random);
      return oracle.hessianVector(w, u).mul(u);
    };
    const h = every(period) ? ema(state.h, estimate(), beta2) : state.h;
    const direction = m.div(h.mul(gamma).maximum(eps)).clip(-1, 1);
    return { w: shrink(w, weightDecay.mul(lr)).sub(direction.mul(lr)), state: { m, h } };
  },
});
