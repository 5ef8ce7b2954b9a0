import { zerosLike } from '../../tensor/bundle.ts';
import { choice, log, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, rademacherLike } from '../rules.ts';
import { inner } from '../tuning-free/distance.ts';
import { fStar, gap, unlessFlat } from './polyak.ts';

/**
 * PSPS, the preconditioned stochastic Polyak step size: SPS in the norm of a positive diagonal B. Abdukhakimov et al. 2023, arXiv:2310.02093.
 *
 *   w <- w - eta g / B,  eta = min(lr, max(0, f - fStar) / sum_j g_j^2 / B_j)
 *
 * B = max(leastScale, .) of one of: 'hutchinson', |D| with D the mean of z (H z), z Rademacher; 'adam', the root of the mean of g^2;
 * 'adagrad', the root of the sum of g^2. Means are moving ones with decay beta, their bias corrected, so that a constant curvature is B from
 * the first step on. The forms with slack variables are left out. UNVERIFIED against the paper: the rule is from a summary of it, the details
 * of B (bias correction, least scale) are our reading.
 */
export const psps = defineOptimizer({
  id: 'psps',
  summary: 'Polyak step size in the norm of a diagonal preconditioner',
  source: 'Abdukhakimov et al. 2023, arXiv:2310.02093',
  hyper: {
    lr: positive(1, { tune: log(1e-2, 10), doc: 'largest step size' }),
    beta: unit(0.999, { doc: 'decay of the mean of the preconditioner' }),
    leastScale: positive(1e-4, { tune: log(1e-6, 1e-1), doc: 'least element of the preconditioner' }),
    fStar,
    preconditioner: choice('hutchinson', ['hutchinson', 'adam', 'adagrad'], 'what B is made of'),
  },
  init: (w) => ({ D: zerosLike(w) }),
  step({ w, state, oracle, t, random, hyper: { lr, beta, leastScale, fStar, preconditioner } }) {
    const { value, grad: g } = oracle.valueAndGrad(w);
    const curvature = () => {
      const z = rademacherLike(w, random);
      return oracle.hessianVector(w, z).mul(z);
    };
    const D =
      preconditioner === 'adagrad'
        ? state.D.add(g.square())
        : ema(state.D, preconditioner === 'adam' ? g.square() : curvature(), beta);
    const mean = preconditioner === 'adagrad' ? D : debias(D, beta, t);
    const B = preconditioner === 'hutchinson' ? mean.abs() : mean.sqrt();
    const direction = g.div(B.maximum(leastScale));
    const squared = inner(g, direction);
    const eta = unlessFlat(g.norm(), gap(value, fStar).div(squared).minimum(lr));
    return { w: w.sub(direction.mul(eta)), state: { D } };
  },
});
