import { projectionHyper, projectRadial } from '../adaptive/projection.ts';
import { flag, fraction, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { oneMinus, shrink } from '../rules.ts';
import { checkNesterov, initHeavyBall } from './heavy-ball.ts';

/**
 * SGDP: momentum SGD without the radial part of its update where weights are scale-invariant. Heo et al. 2021, arXiv:2006.08217, Algorithm 1.
 *
 *   b <- momentum b + (1 - dampening) g,  p = b  (Nesterov: g + momentum b),  p, r = projection of p  (adaptive/projection.ts)
 *   w <- (1 - lr weightDecay r / (1 - momentum)) w - lr p
 *
 * b begins at 0, so the first gradient is dampened too (PyTorch's SGD spares it). The authors' code subtracts the radial part in place, which
 * without Nesterov is from b itself: the stored momentum is projected too (`projectBuffer`). The paper keeps b, and so do we by default; the two
 * part at step 3. Decay is decoupled, and as strong as L2 decay in the gradient would be.
 */
export const sgdp = defineOptimizer({
  id: 'sgdp',
  summary: 'momentum SGD without the radial part of updates of scale-invariant weights',
  source: 'Heo et al. 2021, arXiv:2006.08217, Algorithm 1; clovaai/AdamP',
  hyper: {
    lr: positive(1e-2, { tune: log(1e-3, 1), doc: 'step size' }),
    momentum: optional(unit(0, { tune: logOneMinus(0.5, 0.99), doc: 'decay of the momentum buffer; 0 keeps none' })),
    dampening: optional(fraction(0, { doc: 'share of the gradient kept out of the buffer' })),
    nesterov: flag(false, 'look ahead along the buffer'),
    ...projectionHyper,
    eps: positive(1e-8, { doc: 'least norm in the projection' }),
    projectBuffer: flag(false, "project the stored momentum too, as the authors' code does"),
    weightDecay: optional(nonNegative(0, { tune: log(1e-6, 1e-2), doc: 'decoupled decay, times lr / (1 - momentum)' })),
  },
  check({ momentum, nesterov, projectBuffer }) {
    if (nesterov && projectBuffer) return 'projectBuffer is true, and so is nesterov, whose update is not the buffer';
    return checkNesterov(nesterov, momentum);
  },
  init: (w, { momentum }) => initHeavyBall(w, momentum),
  step({ w, state, oracle, hyper }) {
    const { lr, momentum, dampening, nesterov, delta, wdRatio, eps, projectBuffer, weightDecay } = hyper;
    const g = oracle.grad(w);
    const fresh = dampening ? g.mul(oneMinus(dampening)) : g;
    const buffer = state.buffer && momentum ? state.buffer.mul(momentum).add(fresh) : fresh;
    const ahead = nesterov && momentum ? g.add(buffer.mul(momentum)) : buffer;
    const { update, ratio } = projectRadial(w, g, ahead, { delta, wdRatio, eps });
    const rate = weightDecay?.mul(momentum ? lr.div(oneMinus(momentum)) : lr);
    const kept = shrink(w, rate && ratio.mul(rate));
    return { w: kept.sub(update.mul(lr)), state: state.buffer ? { buffer: projectBuffer ? update : buffer } : {} };
  },
});
