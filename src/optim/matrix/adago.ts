import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { full, where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { log, logOneMinus, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema } from '../rules.ts';
import { initWithAdamw, restHyper, stepWithAdamw } from './adamw-rest.ts';
import { directions, spectral, timesEach } from './norms.ts';
import { orthogonalizeHyper, orthogonalizer } from './orthogonalize.ts';

/**
 * AdaGO: Muon's direction with the step size of AdaGrad-Norm. Zhang, Liu & Schaeffer 2025, arXiv:2509.02981.
 *
 *   m <- momentum m + (1 - momentum) g,  n = min(|g|, gamma),  v^2 <- v^2 + n^2
 *   w <- w - max(floor, lr n / v) Orth(m)
 *
 * for each matrix, |g| its Frobenius norm, `floor` the paper's epsilon, and no factor of the shape. No code of the authors was found, and
 * their experiments' settings are unverified: lr, gamma and floor are those of pytorch_optimizer, whose rule is not followed (it divides by
 * v^2). The paper wants v0 > 0; where v^2 underflows to 0 the step is the floor. All other tensors take AdamW.
 */
export const adago = defineOptimizer({
  id: 'adago',
  summary: 'orthogonalised momentum with an AdaGrad step size for each matrix',
  source: 'Zhang, Liu & Schaeffer 2025, arXiv:2509.02981',
  hyper: {
    lr: positive(0.05, { tune: log(1e-2, 1), doc: 'eta, the numerator of the step size of matrices and kernels' }),
    momentum: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    gamma: positive(10, { doc: 'norms of gradients count up to this' }),
    floor: positive(5e-4, { doc: 'least step size' }),
    v0: positive(1e-6, { doc: 'v before the first step' }),
    ...orthogonalizeHyper,
    ...restHyper,
  },
  init: (w, { v0 }) =>
    initWithAdamw(w, (part): { m: Bundle; v2: Tensor[] } => ({
      m: zerosLike(part),
      v2: part.leaves.map(() => full([1], 1, part.flat.dtype).mul(v0.square())),
    })),
  step(context) {
    const { lr, momentum, gamma, floor, adamLr, beta1, beta2, eps } = context.hyper;
    const norm = spectral(orthogonalizer(context.hyper));
    return stepWithAdamw(context, { lr: adamLr, beta1, beta2, eps }, (w, g, state) => {
      const m = ema(state.m, g, momentum);
      const n = g.leaves.map((leaf) => leaf.norm().reshape([1]).minimum(gamma));
      const v2 = n.map((size, i) => state.v2[i].add(size.square()));
      const sizes = n.map((size, i) =>
        size
          .mul(lr)
          .div(where(v2[i].gt(0), v2[i].sqrt(), 1))
          .maximum(floor),
      );
      const update = timesEach(
        directions(m, () => norm),
        sizes,
      );
      return { w: w.sub(update), state: { m, v2 } };
    });
  },
});
