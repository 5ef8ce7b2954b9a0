import { log, nonNegative, optional, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { oneMinus, shrink } from '../rules.ts';

/**
 * INNA: an inertial Newton flow, damped by friction (alpha) and by the Hessian (beta), from gradients alone. Castera et al. 2019,
 * arXiv:1905.12278 (JMLR 2021), Algorithm 1.
 *
 *   A = (alpha - 1/beta) w + psi / beta,  psi <- psi - lr_t A,  w <- w - lr_t (A + beta g + weightDecay w)
 *
 * psi_0 = (1 - alpha beta) w_0, so A begins at 0; lr_t = lr / t^power, power 1/2 in the paper, 0 in the authors' PyTorch code.
 * Keep lr_t below beta, or psi overshoots (it oscillates from 2 beta on). Biases and norm gains are not decayed.
 */
export const inna = defineOptimizer({
  id: 'inna',
  summary: 'inertial Newton flow with friction and Hessian damping, from gradients alone',
  source: 'Castera et al. 2019, arXiv:1905.12278, Algorithm 1; camcastera/INNA-for-DeepLearning',
  hyper: {
    lr: positive(0.1, { tune: log(1e-3, 1), doc: 'step size' }),
    alpha: nonNegative(0.5, { tune: log(0.1, 2), doc: 'viscous damping' }),
    beta: positive(0.1, { tune: log(0.05, 2), doc: 'Hessian-driven damping; the gradient enters times it' }),
    power: nonNegative(0, { doc: 'the step size falls as t^-power' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'weight decay, times the step size' })),
  },
  init: (w, { alpha, beta }) => ({ psi: w.mul(oneMinus(alpha.mul(beta))) }),
  step({ w, state, oracle, t, hyper: { lr, alpha, beta, power, weightDecay } }) {
    const rate = lr.div(t.pow(power));
    const A = w.mul(alpha.sub(beta.reciprocal())).add(state.psi.div(beta));
    const move = A.add(oracle.grad(w).mul(beta));
    return {
      w: shrink(w, weightDecay?.mul(rate)).sub(move.mul(rate)),
      state: { psi: state.psi.sub(A.mul(rate)) },
    };
  },
});
