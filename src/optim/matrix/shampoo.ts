import { zerosLike } from '../../tensor/bundle.ts';
import { count, fraction, log, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { perTensorKeeping } from '../rules.ts';
import { asMatrix, initParts, stepParts } from './as-matrix.ts';
import { initFactors, precondition } from './kronecker.ts';

/**
 * Shampoo: full-matrix AdaGrad with a Kronecker-factored preconditioner. Gupta, Koren & Singer 2018, arXiv:1802.09568, Algorithm 1.
 *
 *   L <- L + g g',  R <- R + g' g,  w <- w - lr (L + eps I)^(-1/4) g (R + eps I)^(-1/4)
 *
 * Kernels are flattened to [out, in kh kw] (the paper takes one factor for each axis, to the power -1/(2 axes)); all other tensors take the
 * paper's diagonal variant, which is AdaGrad: h <- h + g^2, w <- w - lr g / sqrt(h + eps). Matrices beyond `blockSize` are cut into blocks.
 * `exponent` 1/2 is the square-root variant that some codes (older versions of pytorch_optimizer) use.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const shampoo = defineOptimizer({
  id: 'shampoo',
  summary: 'Kronecker-factored full-matrix AdaGrad',
  source: 'Gupta, Koren & Singer 2018, arXiv:1802.09568, Algorithm 1',
  hyper: {
    lr: positive(0.1, { tune: log(1e-3, 1), doc: 'step size' }),
    eps: positive(1e-4, { tune: log(1e-8, 1e-2), doc: 'ridge of the statistics' }),
    exponent: fraction(0.25, { doc: 'power of each inverse root' }),
    refresh: count(1, 'steps between two inverse roots'),
    blockSize: count(1024, 'longest side of a preconditioned block'),
  },
  init: (w, { blockSize }) =>
    initParts(w, {
      matrices: ({ layout, flat: { dtype } }) => layout.leaves.map((leaf) => initFactors(leaf, dtype, blockSize)),
      rest: (part) => ({ h: zerosLike(part) }),
    }),
  step({ w, state, oracle, every, hyper: { lr, eps, exponent, refresh, blockSize } }) {
    const options = { blockSize, keep: 1, take: 1, correction: 1, exponent, eps, refresh: every(refresh) };
    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, factors) => {
        const [update, next] = perTensorKeeping(
          factors,
          ([gradient], _, old) => precondition(asMatrix(gradient), asMatrix(gradient), old, options),
          g,
        );
        return { w: part.sub(update.mul(lr)), state: next };
      },
      rest: (part, g, { h: old }) => {
        const h = old.add(g.square());
        return { w: part.sub(g.div(h.add(eps).sqrt()).mul(lr)), state: { h } };
      },
    });
  },
});
