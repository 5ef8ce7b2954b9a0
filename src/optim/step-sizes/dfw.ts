import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { decayed } from '../rules.ts';
import { inner } from '../tuning-free/distance.ts';

/**
 * DFW, deep Frank-Wolfe: a proximal step whose length gamma in [0, 1] is found in closed form, as for support vector machines. Berrada,
 * Zisserman & Kumar 2019, arXiv:1811.07591, Algorithm 1.
 *
 *   r = weightDecay w,  gamma = clip((f - lr <g, r>) / (lr |g|^2 + eps), 0, 1),  w <- w - lr (r + gamma g)
 *   z <- momentum z - lr gamma (g + r),  w <- w + momentum z
 *
 * g and f are of the loss without the decay, and f is at least 0, as hinge losses are: a negative loss stops the step. Biases and norm gains
 * are not decayed.
 */
export const dfw = defineOptimizer({
  id: 'dfw',
  summary: 'deep Frank-Wolfe: proximal steps of optimal length for losses from 0 on',
  source: 'Berrada, Zisserman & Kumar 2019, arXiv:1811.07591, Algorithm 1',
  hyper: {
    lr: positive(0.1, { tune: log(1e-2, 1), doc: 'proximal coefficient, the largest step size' }),
    momentum: optional(unit(0.9, { doc: 'decay of the velocity; 0 keeps none' })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation' })),
    eps: positive(1e-5, { doc: 'added to lr |g|^2' }),
  },
  init: (w, { momentum }): { z?: Bundle } => (momentum ? { z: zerosLike(w) } : {}),
  step({ w, state, oracle, hyper: { lr, momentum, weightDecay, eps } }) {
    const { value, grad: g } = oracle.valueAndGrad(w);
    const r = weightDecay && decayed(w).mul(weightDecay);
    const along = r ? inner(g, r).mul(lr) : 0;
    const gamma = value.cast('float64').sub(along).div(inner(g, g).mul(lr).add(eps)).clip(0, 1);
    const step = r ? r.add(g.mul(gamma)) : g.mul(gamma);
    const next = w.sub(step.mul(lr));
    if (!momentum || !state.z) return { w: next, state: {} };
    const z = state.z.mul(momentum).sub((r ? g.add(r) : g).mul(gamma.mul(lr)));
    return { w: next.add(z.mul(momentum)), state: { z } };
  },
});
