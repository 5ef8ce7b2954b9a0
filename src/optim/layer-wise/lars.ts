import { zerosLike } from '../../tensor/bundle.ts';
import { choice, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, l2 } from '../rules.ts';
import { checkPhi, phi, phiHyper, trustRatio } from './trust-ratio.ts';

/**
 * LARS: momentum SGD whose rate is rescaled layer by layer. You, Gitman & Ginsburg 2017, arXiv:1708.03888, Algorithm 1.
 *
 *   local = trust |w| / (|g| + weightDecay |w|),  v <- momentum v + lr local (g + weightDecay w),  w <- w - v
 *
 * The rate is inside the buffer: a drop of lr does not shrink old momentum. Only tensors of two or more axes are rescaled; for the others,
 * and where |w| or |g| is 0, local is `excludedScale`. At the lr of 10 to 30 that large batches take, the paper's 1 needs normalised networks:
 * a plain network wants `excludedScale` near `trust`. `form: 'lamb-paper'` is LARS as You et al. 2020, arXiv:1904.00962, Algorithm 1
 * analyse it:
 *
 *   m <- momentum m + (1 - momentum) (g + weightDecay w),  w <- w - lr phi(|w|) / |m| m
 *
 * Its steps have length lr phi(|w|) whatever the gradient; phi keeps the norm within [phiMin, phiMax]. Biases and norm gains are not decayed.
 * In float32 gradients and parameters beyond 1e19 have no squares and leave NaN here; for the gradient, `clip-value` around it is the remedy.
 */
export const lars = defineOptimizer({
  id: 'lars',
  summary: 'momentum SGD with a rate for each layer, relative to the size of its weights',
  source: 'You, Gitman & Ginsburg 2017, arXiv:1708.03888, Algorithm 1; You et al. 2020, arXiv:1904.00962, Algorithm 1',
  hyper: {
    lr: positive(1, { tune: log(0.3, 30), doc: "step size; with form 'lamb-paper' the relative length of a step" }),
    momentum: unit(0.9, { tune: logOneMinus(0.8, 0.95), doc: 'decay of the momentum buffer' }),
    weightDecay: optional(nonNegative(5e-4, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
    trust: positive(1e-3, { doc: "trust coefficient, eta in the paper (form '2017')" }),
    excludedScale: positive(1, { tune: log(1e-3, 0.1), doc: 'local rate of vectors and scalars, and of tensors at 0' }),
    form: choice(
      '2017',
      ['2017', 'lamb-paper'],
      'the rule of the first paper, or the one that the LAMB paper analyses',
    ),
    ...phiHyper,
  },
  check({ form, phiMin, phiMax }) {
    if (form === '2017' && phiMin + phiMax > 0)
      return `form is '2017' but phiMin is ${phiMin} and phiMax ${phiMax}; they belong to form 'lamb-paper'`;
    return checkPhi({ phiMin, phiMax });
  },
  init: (w) => ({ m: zerosLike(w) }),
  step({ w, state, oracle, hyper }) {
    const { lr, momentum, weightDecay, trust, form, excludedScale, phiMin, phiMax } = hyper;
    const gradient = oracle.grad(w);
    const g = l2(gradient, w, weightDecay);
    const takes = ({ shape }: { readonly shape: readonly number[] }) => shape.length >= 2;
    const size = w.tensorNorms();
    if (form === 'lamb-paper') {
      const m = ema(state.m, g, momentum);
      const ratio = trustRatio(phi(size, phiMin, phiMax), m.tensorNorms(), { takes, otherwise: excludedScale });
      return { w: w.sub(m.mul(ratio).mul(lr)), state: { m } };
    }
    const length = gradient.tensorNorms();
    const guarded = weightDecay ? length.add(size.mul(weightDecay)) : length;
    // Where the gradient is 0 the guard alone must not make a ratio of the decay.
    const local = trustRatio(size.mul(trust), guarded.where(length.gt(0), 0), { takes, otherwise: excludedScale });
    const m = state.m.mul(momentum).add(g.mul(local).mul(lr));
    return { w: w.sub(m), state: { m } };
  },
});
