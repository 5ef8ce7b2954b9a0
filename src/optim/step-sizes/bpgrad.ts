import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { decayed, l2 } from '../rules.ts';
import { inner } from '../tuning-free/distance.ts';

/**
 * BPGrad, branch and pruning: steps as long as a Lipschitz loss allows before it can be 0. Zhang, Wu & Wang 2018, arXiv:1711.06959, in the
 * simplified form with one remembered point.
 *
 *   s = F / (|g| + eps),  v <- momentum v - s lr g,  w <- w + v
 *
 * F is the loss with (weightDecay / 2) |w|^2 and g its gradient; lr is 1 / L, L the Lipschitz constant. s keeps the size of the loss: where F
 * nears its least value 0 the steps vanish. The code of the comparison that we follow moves nothing when momentum is 0, for the update stands
 * inside the branch of the momentum; here w <- w - s lr g then. Biases and norm gains are not decayed.
 */
export const bpgrad = defineOptimizer({
  id: 'bpgrad',
  summary: 'steps in proportion to the loss, as far as a Lipschitz constant allows',
  source: 'Zhang, Wu & Wang 2018, arXiv:1711.06959, simplified form',
  hyper: {
    lr: positive(0.1, { tune: log(1e-3, 1), doc: '1 / L, L the Lipschitz constant of the loss' }),
    momentum: optional(unit(0.9, { doc: 'decay of the velocity; 0 keeps none' })),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation, in the loss too' })),
    eps: positive(1e-5, { doc: 'added to |g|' }),
  },
  init: (w, { momentum }): { v?: Bundle } => (momentum ? { v: zerosLike(w) } : {}),
  step({ w, state, oracle, hyper: { lr, momentum, weightDecay, eps } }) {
    const { value, grad } = oracle.valueAndGrad(w);
    const g = l2(grad, w, weightDecay);
    const loss = value.cast('float64');
    const F = weightDecay ? loss.add(inner(decayed(w), w).mul(weightDecay).div(2)) : loss;
    const s = F.div(inner(g, g).sqrt().add(eps));
    const step = g.mul(s.mul(lr));
    if (!momentum || !state.v) return { w: w.sub(step), state: {} };
    const v = state.v.mul(momentum).sub(step);
    return { w: w.add(v), state: { v } };
  },
});
