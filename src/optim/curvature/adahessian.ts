import { type Bundle, perTensor, zerosLike } from '../../tensor/bundle.ts';
import { choice, count, log, nonNegative, optional, positive, unit, within } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, nonZero, oneMinus, rademacherLike } from '../rules.ts';

/** Axes that an estimate is averaged over: a row of a matrix, the window of a kernel. */
const averagedAxes = (rank: number): number[] => (rank === 2 || rank === 3 ? [rank - 1] : rank === 4 ? [2, 3] : []);

/** The mean over each row or window, at each of its elements. */
const blockAverage = (q: Bundle): Bundle =>
  perTensor(([x]) => {
    const axes = averagedAxes(x.rank);
    return axes.length === 0 ? x : x.mean(axes, { keepDims: true }).broadcastTo(x.shape);
  }, q);

/**
 * AdaHessian: Adam whose second moment is that of the Hessian's diagonal, by Hutchinson's estimate. Yao et al. 2020, arXiv:2006.00719,
 * Algorithm 1, eq. 9-11.
 *
 *   q = |z (H z)| (z Rademacher),  D = mean of q over matrix rows and kernel windows,  v <- beta2 v + (1 - beta2) D^2
 *   w <- w - lr (m^ / (sqrt(v^)^hessianPower + eps) + weightDecay w),  m^ as in Adam
 *
 * The paper averages the signed z (H z), which can cancel to 0 and blow up; the authors' code takes the absolute value first, and so do we
 * (`averaging: 'signed'` is the paper's). eps stands outside the power; with eps = 0 a curvature of 0 counts as 1e-37. With updatePeriod k the estimate is made every k steps and D kept.
 */
export const adahessian = defineOptimizer({
  id: 'adahessian',
  summary: 'Adam scaled by an estimate of the Hessian diagonal',
  source: 'Yao et al. 2020, arXiv:2006.00719, Algorithm 1; amirgholami/adahessian',
  hyper: {
    lr: positive(0.15, { tune: log(1e-2, 1), doc: 'step size' }),
    beta1: unit(0.9, { doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment of the estimate' }),
    eps: nonNegative(1e-4, { tune: log(1e-8, 1e-2), doc: 'added to the power of the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
    hessianPower: within('(0, 1]', (v) => v > 0 && v <= 1)(1, { doc: 'how far the curvature is divided out' }),
    averaging: choice('absolute', ['absolute', 'signed', 'none'], 'how the estimate is averaged over rows and windows'),
    updatePeriod: count(1, 'steps between two estimates'),
  },
  init: (w, { updatePeriod }): { m: Bundle; v: Bundle; D?: Bundle } => ({
    m: zerosLike(w),
    v: zerosLike(w),
    ...(updatePeriod > 1 && { D: zerosLike(w) }),
  }),
  step({ w, state, oracle, t, every, random, hyper }) {
    const { lr, beta1, beta2, eps, weightDecay, hessianPower, averaging, updatePeriod } = hyper;
    const g = oracle.grad(w);
    const estimate = () => {
      const z = rademacherLike(w, random);
      const q = oracle.hessianVector(w, z).mul(z);
      if (averaging === 'none') return q.abs();
      return blockAverage(averaging === 'absolute' ? q.abs() : q);
    };
    const D = every(updatePeriod) || !state.D ? estimate() : state.D;
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, D.square(), beta2);
    const root = v
      .sqrt()
      .pow(hessianPower)
      .div(oneMinus(beta2.pow(t)).sqrt().pow(hessianPower));
    const direction = l2(debias(m, beta1, t).div(root.add(nonZero(eps))), w, weightDecay);
    return { w: w.sub(direction.mul(lr)), state: { m, v, ...(state.D && { D }) } };
  },
});
