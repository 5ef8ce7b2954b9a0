import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import { count, flag, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';

/**
 * SGA: one signed step by the mean of gradients that were taken, one after another, along signed steps of a scratch copy. It makes universal
 * adversarial perturbations and privacy cloaks, which are the parameters here. Liu et al. 2023, arXiv:2308.06015, Algorithm 1.
 *
 *   d_1 = w;  for j = 1 ... M:  h_j = gradient at d_j on minibatch j,  d_{j+1} = clip(d_j - lr sign(h_j), -radius, radius)
 *   A = mean of h_j;   w <- clip(w - lr sign(A), -radius, radius)
 *   with momentum:  v <- momentum v + A / |A|_1 (0 for A = 0),  sign(v) in the place of sign(A)
 *
 * sign(0) = 0; the scratch copy is thrown away. The paper climbs an attack loss: minimise its negative. It has M = 100 batches of 10 for each 250
 * images; all M gradients are one program here, so the default is smaller. The ball is around 0, where a perturbation begins: for ordinary weights
 * take `radius: 0`, none. `preSearch: false` takes every gradient at w, a mere mean: with momentum these are the variants of GA-OPOM (Liu et al.
 * 2024, arXiv:2401.01575), whose loss is the caller's. UNVERIFIED: whether its inner loop moves a scratch mask, and its sizes of batches and steps.
 */
export const sga = defineOptimizer({
  id: 'sga',
  summary: 'signed step by the mean of gradients along scratch steps; for universal perturbations',
  source: 'Liu et al. 2023, arXiv:2308.06015, Algorithm 1; Liu et al. 2024, arXiv:2401.01575',
  hyper: {
    lr: positive(1 / 255, {
      tune: log(1e-4, 0.03),
      doc: 'size of each signed step; a tenth of the radius in the paper',
    }),
    innerBatches: count(8, 'minibatches of one step, M'),
    radius: optional(nonNegative(10 / 255, { tune: log(0.03, 1), doc: 'largest size of an element; 0: any' })),
    preSearch: flag(true, 'take gradients along the steps of a scratch copy, and not all at one point'),
    momentum: optional(unit(0, { doc: 'of the aggregate over its L1 norm; 0.9 in the paper where it is used' })),
  },
  batches: ({ innerBatches }) => innerBatches,
  init: (w, { momentum }) => (momentum ? { v: zerosLike(w) } : {}) as { v?: Bundle },
  step({ w, state, oracle, hyper: { lr, innerBatches: M, radius, preSearch, momentum } }) {
    const within = (x: Bundle) => (radius ? x.clip(radius.neg(), radius) : x);
    const moved = (x: Bundle, direction: Bundle) => within(x.sub(direction.sign().mul(lr)));
    let scratch = w;
    let mean = zerosLike(w);
    for (let j = 0; j < M; j++) {
      const h = oracle.grad(scratch, { batch: j });
      mean = mean.add(h.div(M));
      if (preSearch && j < M - 1) scratch = moved(scratch, h);
    }
    if (!momentum || !state.v) return { w: moved(w, mean), state: {} };
    const size = mean.abs().sum();
    const v = state.v.mul(momentum).add(mean.div(where(size.gt(0), size, 1)));
    return { w: moved(w, v), state: { v } };
  },
});
