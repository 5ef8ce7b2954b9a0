import { heavyBall, initHeavyBall } from '../first-order/heavy-ball.ts';
import { choice, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { shrink } from '../rules.ts';
import { initWithAdamw, restHyper, stepWithAdamw } from './adamw-rest.ts';
import { sides } from './as-matrix.ts';
import { directions, scaled, spectral } from './norms.ts';
import { orthogonalizeHyper, orthogonalizer } from './orthogonalize.ts';

/** The factor of an update for a matrix of r outputs and c inputs. */
export const scales = {
  /** sqrt(max(1, r / c)): Jordan's. */
  jordan: (r: number, c: number) => Math.sqrt(Math.max(1, r / c)),
  /** 0.2 sqrt(max(r, c)): the root mean square that an AdamW update has, so that lr and weightDecay can be shared. */
  moonshot: (r: number, c: number) => 0.2 * Math.sqrt(Math.max(r, c)),
  /** sqrt(r / c): one spectral scale for all widths. */
  mup: (r: number, c: number) => Math.sqrt(r / c),
  none: () => 1,
};

/**
 * Muon: momentum whose matrices are replaced by (nearly) their nearest semi-orthogonal ones, which is steepest descent under the spectral
 * norm (`norms.ts`). Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
 *
 *   m <- momentum m + (1 - momentum) g,  u = momentum m + (1 - momentum) g (Nesterov) or m
 *   w <- (1 - lr weightDecay) w - lr scale(r, c) NS5(u)
 *
 * Hidden matrices and kernels (flattened to [out, in kh kw]) take this rule; embeddings, the head and all vectors take AdamW with `adamLr`.
 * Fused queries, keys and values should be three matrices. Jordan's first code keeps m <- momentum m + g: the same direction, but for
 * the 1e-7 that NS5 adds to |u|; `averaged: false` does it. NS5 runs in the dtype of w, not in bfloat16; `orthogonalize: 'exact'` takes U V'.
 */
export const muon = defineOptimizer({
  id: 'muon',
  summary: 'orthogonalised momentum for matrices and kernels, AdamW for the rest',
  source: 'Jordan et al. 2024, KellerJordan/Muon',
  hyper: {
    lr: positive(0.02, { tune: log(1e-3, 0.3), doc: 'step size of matrices and kernels' }),
    momentum: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    nesterov: flag(true, 'look ahead along the momentum'),
    averaged: flag(true, 'momentum is a moving average; false: a sum'),
    ...orthogonalizeHyper,
    scale: choice('jordan', ['jordan', 'moonshot', 'mup', 'none'], 'how an update scales with the shape'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr (or adamLr)' })),
    ...restHyper,
  },
  init: (w, { momentum }) => initWithAdamw(w, (part) => initHeavyBall(part, momentum)),
  step(context) {
    const { lr, momentum, nesterov, averaged, scale, weightDecay, adamLr, beta1, beta2, eps } = context.hyper;
    const norm = spectral(orthogonalizer(context.hyper));
    const rates = { lr: adamLr, beta1, beta2, eps, decay: weightDecay?.mul(adamLr) };
    return stepWithAdamw(context, rates, (w, g, ball) => {
      const { u, state } = heavyBall(ball, g, momentum, { nesterov, averaged });
      const update = directions(u, (leaf) => {
        const { rows, columns } = sides(leaf);
        return scaled(norm, scales[scale](rows, columns));
      });
      return { w: shrink(w, weightDecay?.mul(lr)).sub(update.mul(lr)), state };
    });
  },
});
