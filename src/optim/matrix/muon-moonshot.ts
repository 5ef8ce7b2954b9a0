import { heavyBall, initHeavyBall } from '../first-order/heavy-ball.ts';
import { flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { shrink } from '../rules.ts';
import { initWithAdamw, restHyper, stepWithAdamw } from './adamw-rest.ts';
import { sides } from './as-matrix.ts';
import { scales } from './muon.ts';
import { directions, scaled, spectral } from './norms.ts';
import { orthogonalizeHyper, orthogonalizer } from './orthogonalize.ts';

const { beta1, beta2, eps } = restHyper;

/**
 * Muon with weight decay and the step length of AdamW. Liu et al. 2025, "Muon is Scalable for LLM Training", arXiv:2502.16982, eq. 4.
 *
 *   m <- momentum m + g,  u = g + momentum m (Nesterov) or m
 *   w <- (1 - lr weightDecay) w - lr 0.2 sqrt(max(r, c)) NS5(u)
 *
 * A semi-orthogonal [r, c] matrix of full rank has a root mean square of 1 / sqrt(max(r, c)), so an update has 0.2 lr, whatever the shape:
 * what AdamW's updates have. One lr and one weightDecay therefore serve both, the AdamW of embeddings, head and vectors too. The authors
 * decay vectors as well; biases and norm gains are spared here.
 */
export const muonMoonshot = defineOptimizer({
  id: 'muon-moonshot',
  summary: 'Muon whose updates have the root mean square of AdamW, with its lr and decay',
  source: 'Liu et al. 2025, arXiv:2502.16982, eq. 4; MoonshotAI/Moonlight',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size of all tensors' }),
    momentum: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    nesterov: flag(true, 'look ahead along the momentum'),
    ...orthogonalizeHyper,
    weightDecay: optional(nonNegative(0.1, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr' })),
    beta1,
    beta2,
    eps: { ...eps, default: 1e-8 },
  },
  init: (w, { momentum }) => initWithAdamw(w, (part) => initHeavyBall(part, momentum)),
  step(context) {
    const { lr, momentum, nesterov, weightDecay, ...hyper } = context.hyper;
    const norm = spectral(orthogonalizer(hyper));
    const decay = weightDecay?.mul(lr);
    return stepWithAdamw(context, { ...hyper, lr, decay }, (w, g, ball) => {
      const { u, state } = heavyBall(ball, g, momentum, { nesterov });
      const update = directions(u, (leaf) => {
        const { rows, columns } = sides(leaf);
        return scaled(norm, scales.moonshot(rows, columns));
      });
      return { w: shrink(w, decay).sub(update.mul(lr)), state };
    });
  },
});
