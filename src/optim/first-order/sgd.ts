import { where } from '../../tensor/functions.ts';
import { flag, fraction, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { l2, oneMinus } from '../rules.ts';
import { checkNesterov, initHeavyBall } from './heavy-ball.ts';

/**
 * SGD: Robbins & Monro 1951; heavy ball: Polyak 1964; Nesterov form: Sutskever et al. 2013, eq. 3-4, as PyTorch's `SGD` has them.
 *
 *   b_1 = g_1,  b_t = momentum b_{t-1} + (1 - dampening) g_t,  w <- w - lr b_t   (Nesterov: w <- w - lr (g_t + momentum b_t))
 *
 * Sutskever et al. (and Keras) keep lr inside the buffer, b_t = momentum b_{t-1} + lr g_t and w <- w - b_t, PyTorch outside: the same for a constant
 * lr, while outside a change of lr rescales old momentum too. We follow PyTorch (`lrInBuffer` is the other), also in that the first step is not
 * dampened. Biases and norm gains are not decayed.
 */
export const sgd = defineOptimizer({
  id: 'sgd',
  summary: 'stochastic gradient descent, heavy ball and Nesterov momentum',
  source: 'Polyak 1964; Sutskever et al. 2013, eq. 3-4; PyTorch torch.optim.SGD',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 1), doc: 'step size' }),
    momentum: optional(unit(0, { tune: logOneMinus(0.5, 0.99), doc: 'decay of the momentum buffer; 0 keeps none' })),
    dampening: optional(fraction(0, { doc: 'share of the gradient kept out of the buffer' })),
    nesterov: flag(false, 'look ahead along the buffer'),
    lrInBuffer: flag(false, 'the buffer sums steps and not gradients, as in Sutskever et al. and Keras'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'L2 regularisation in the gradient' })),
  },
  check({ nesterov, momentum, dampening }) {
    if (nesterov && dampening > 0) return `nesterov is true but dampening is ${dampening}; it needs dampening 0`;
    return checkNesterov(nesterov, momentum);
  },
  init: (w, { momentum }) => initHeavyBall(w, momentum),
  step({ w, state, oracle, t, hyper: { lr, momentum, dampening, nesterov, lrInBuffer, weightDecay } }) {
    const g = l2(oracle.grad(w), w, weightDecay);
    if (!momentum || !state.buffer) return { w: w.sub(g.mul(lr)), state: {} };
    const term = lrInBuffer ? g.mul(lr) : g;
    const buffer = state.buffer.mul(momentum).add(dampening ? term.mul(where(t.gt(1), oneMinus(dampening), 1)) : term);
    const direction = nesterov ? term.add(buffer.mul(momentum)) : buffer;
    return { w: w.sub(lrInBuffer ? direction : direction.mul(lr)), state: { buffer } };
  },
});
