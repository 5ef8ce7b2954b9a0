import { type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, rootPlus, shrink } from '../rules.ts';
import { checkPhi, phi, phiHyper, trustRatio } from './trust-ratio.ts';

/**
 * LAMB: Adam's direction, each layer's rescaled to the size of its weights. You et al. 2020, arXiv:1904.00962, Algorithm 2.
 *
 *   u = m^ / (sqrt(v^) + eps) + weightDecay w,  w <- w - lr phi(|w|) / |u| u      m^, v^ as in adam, norms layer by layer
 *
 * The decay is inside u, hence inside the ratio: every step of a layer has length lr phi(|w|). phi keeps the norm within [phiMin, phiMax], by
 * default it is the norm itself. The ratio is 1 where a norm is 0, and for biases and norm gains, which are not decayed either (the authors'
 * code excludes them by name). `biasCorrection: false` and `decay: 'outside'` are what PyTorch ports do; their normalised gradient is clip(lamb).
 * In float32 parameters beyond 1e19 have no norm and leave NaN here.
 */
export const lamb = defineOptimizer({
  id: 'lamb',
  summary: "Adam's direction with steps relative to the size of each layer",
  source: 'You et al. 2020, arXiv:1904.00962, Algorithm 2; TensorFlow Addons LAMB',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 0.1), doc: 'relative length of a step' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-6, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(1e-2, { tune: log(1e-4, 1), doc: 'decay, added to the direction' })),
    decay: choice('inside', ['inside', 'outside'], 'decay before the ratio is taken, or apart from it and times lr'),
    biasCorrection: flag(true, 'correct the bias of the moments'),
    ...phiHyper,
  },
  check: checkPhi,
  init: (w) => ({ m: zerosLike(w), v: zerosLike(w) }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay, decay, biasCorrection, phiMin, phiMax } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const v = ema(state.v, g.square(), beta2);
    const [first, second] = biasCorrection ? [debias(m, beta1, t), debias(v, beta2, t)] : [m, v];
    const direction = first.div(rootPlus(second, eps));
    const outside = decay === 'outside';
    const from = outside ? shrink(w, weightDecay?.mul(lr)) : w;
    const u = outside ? direction : l2(direction, w, weightDecay);
    const takes = ({ role }: Leaf) => role !== 'bias' && role !== 'gain';
    const ratio = trustRatio(phi(from.tensorNorms(), phiMin, phiMax), u.tensorNorms(), { takes, otherwise: 1 });
    return { w: from.sub(u.mul(ratio).mul(lr)), state: { m, v } };
  },
});
