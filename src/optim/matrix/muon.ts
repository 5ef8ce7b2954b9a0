import { perTensor, zerosLike } from '../../tensor/bundle.ts';
import { adamwStep } from '../adaptive/adamw.ts';
import { choice, count, flag, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema, shrink } from '../rules.ts';
import { asMatrix, initParts, sides, stepParts } from './as-matrix.ts';
import { newtonSchulz } from './newton-schulz.ts';

/** The factor of an update for a matrix of r outputs and c inputs. */
const scales = {
  /** sqrt(max(1, r / c)): Jordan's. */
  jordan: (r: number, c: number) => Math.sqrt(Math.max(1, r / c)),
  /** 0.2 sqrt(max(r, c)): the root mean square that an AdamW update has, so that lr and weightDecay can be shared. */
  moonshot: (r: number, c: number) => 0.2 * Math.sqrt(Math.max(r, c)),
  /** sqrt(r / c): one spectral scale for all widths. */
  mup: (r: number, c: number) => Math.sqrt(r / c),
  none: () => 1,
};

/**
 * Muon: momentum whose matrices are replaced by (nearly) their nearest semi-orthogonal ones. Jordan et al. 2024, "Muon: An optimizer for hidden
 * layers in neural networks"; with decay and the scale of AdamW: Liu et al. 2025, arXiv:2502.16982, eq. 4.
 *
 *   m <- momentum m + (1 - momentum) g,  u = momentum m + (1 - momentum) g (Nesterov) or m
 *   w <- (1 - lr weightDecay) w - lr scale(r, c) NS5(u)
 *
 * Hidden matrices and kernels (flattened to [out, in kh kw]) take this rule; embeddings, the head and all vectors take AdamW with `adamLr`.
 * Jordan's first code and Liu et al. keep m <- momentum m + g: the same direction, but for eps in NS5 (about 1e-7); `averaged: false` does it.
 * Their bfloat16 iterations are not followed.
 */
export const muon = defineOptimizer({
  id: 'muon',
  summary: 'orthogonalised momentum for matrices and kernels, AdamW for the rest',
  source: 'Jordan et al. 2024, KellerJordan/Muon; Liu et al. 2025, arXiv:2502.16982, eq. 4',
  hyper: {
    lr: positive(0.02, { tune: log(1e-3, 0.3), doc: 'step size of matrices and kernels' }),
    momentum: unit(0.95, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the momentum' }),
    nesterov: flag(true, 'look ahead along the momentum'),
    averaged: flag(true, 'momentum is a moving average; false: a sum'),
    steps: count(5, 'Newton-Schulz iterations'),
    scale: choice('jordan', ['jordan', 'moonshot', 'mup', 'none'], 'how an update scales with the shape'),
    weightDecay: optional(nonNegative(0, { tune: log(1e-3, 1), doc: 'decoupled decay, times lr (or adamLr)' })),
    adamLr: positive(3e-4, { tune: log(1e-4, 3e-2), doc: 'step size of AdamW on all other tensors' }),
    beta1: unit(0.9, { doc: 'decay of the first moment of AdamW' }),
    beta2: unit(0.95, { doc: 'decay of the second moment of AdamW' }),
    eps: nonNegative(1e-10, { doc: 'added to the root of the second moment of AdamW' }),
  },
  init: (w) =>
    initParts(w, {
      matrices: (part) => ({ m: zerosLike(part) }),
      rest: (part) => ({ m: zerosLike(part), v: zerosLike(part) }),
    }),
  step({
    w,
    state,
    oracle,
    t,
    hyper: { lr, momentum, nesterov, averaged, steps, scale, weightDecay, adamLr, ...adam },
  }) {
    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, { m: old }) => {
        const m = averaged ? ema(old, g, momentum) : old.mul(momentum).add(g);
        const ahead = averaged ? ema(m, g, momentum) : g.add(m.mul(momentum));
        const orthogonal = perTensor(
          ([u], leaf) => {
            const { rows, columns } = sides(leaf);
            return newtonSchulz(asMatrix(u), { steps }).mul(scales[scale](rows, columns)).reshape(leaf.shape);
          },
          nesterov ? ahead : m,
        );
        return { w: shrink(part, weightDecay?.mul(lr)).sub(orthogonal.mul(lr)), state: { m } };
      },
      rest: (part, g, moments) =>
        adamwStep(part, moments, g, t, { ...adam, lr: adamLr, decay: weightDecay?.mul(adamLr) }),
    });
  },
});
