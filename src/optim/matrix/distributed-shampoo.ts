import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, count, fraction, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, l2, oneMinus, perTensorKeeping, rootPlus } from '../rules.ts';
import { asMatrix, isMatrix } from './as-matrix.ts';
import { toBlocks } from './blocks.ts';
import { type Factors, initFactors, precondition } from './kronecker.ts';

/**
 * Distributed Shampoo: Shampoo with moving averages, grafting and stale roots. Shi et al. 2023, arXiv:2309.06497, Algorithms 1 and 2.
 *
 *   L <- beta2 L + (1 - beta2) g g',  R <- beta2 R + (1 - beta2) g' g  (beta2 = 1: plain sums),  ghat = ema(g) / (1 - beta1^t)
 *   every `refresh` steps: roots of L / (1 - beta2^t) + eps I and R likewise;  P = L^(-1/4) ghat R^(-1/4)
 *   grafting: P <- P |D| / |P|, D the direction of the grafted method;  w <- w - lr (P + weightDecay w)
 *
 * Grafting goes block by block. Until the first roots, at step `refresh`, and for all tensors that are no hidden matrices or kernels,
 * the direction is D alone (the authors also precondition vectors). D: 'sgd' ghat; 'adagrad', 'rmsprop', 'adam' ghat over the root of the
 * sum, average or corrected average of squares. beta2 defaults to 0.999 here, to 1 in the authors' code.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const distributedShampoo = defineOptimizer({
  id: 'distributed-shampoo',
  summary: 'Shampoo with moving averages, grafting and stale inverse roots',
  source: 'Shi et al. 2023, arXiv:2309.06497, Algorithms 1 and 2; facebookresearch/optimizers',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the filtered gradient' }),
    beta2: fraction(0.999, { doc: 'decay of all second-order statistics; 1: sums' }),
    eps: nonNegative(1e-12, { doc: 'ridge of the statistics' }),
    exponent: fraction(0.25, { doc: 'power of each inverse root' }),
    refresh: count(10, 'steps between two inverse roots, and steps before the first'),
    blockSize: count(1024, 'longest side of a preconditioned block'),
    graft: choice('adam', ['adam', 'rmsprop', 'adagrad', 'sgd', 'none'], 'whose step length is taken'),
    graftEps: nonNegative(1e-8, { doc: 'added to the root of the grafted second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  init: (w, { graft, blockSize }): { m: Bundle; v?: Bundle; factors: (readonly Factors[])[] } => ({
    m: zerosLike(w),
    ...(graft !== 'sgd' && graft !== 'none' && { v: zerosLike(w) }),
    factors: w.layout.leaves.map((leaf) => (isMatrix(leaf) ? initFactors(leaf, w.flat.dtype, blockSize) : [])),
  }),
  step({ w, state, oracle, t, every, hyper }) {
    const { lr, beta1, beta2, eps, exponent, refresh, blockSize, graft, graftEps, weightDecay } = hyper;
    const g = oracle.grad(w);
    const averages = beta2.lt(1);
    const take = where(averages, oneMinus(beta2), 1);
    const correction = where(averages, oneMinus(beta2.pow(t)), 1);

    const m = ema(state.m, g, beta1);
    const filtered = debias(m, beta1, t);
    const v = state.v?.mul(graft === 'adagrad' ? 1 : beta2).add(g.square().mul(graft === 'adagrad' ? 1 : take));
    const D = v ? filtered.div(rootPlus(graft === 'adam' ? v.div(correction) : v, graftEps)) : filtered;

    const options = { blockSize, keep: beta2, take, correction, exponent, eps, refresh: every(refresh, refresh - 1) };
    const [P, factors] = perTensorKeeping(
      state.factors,
      ([gradient, direction, grafted], leaf, old): [Tensor, readonly Factors[]] => {
        if (!isMatrix(leaf)) return [grafted, old];
        const graftBlocks = toBlocks(asMatrix(grafted), blockSize);
        const finish = (block: Tensor, [i, j]: readonly [number, number]) =>
          graft === 'none' ? block : block.mul(graftBlocks[i][j].norm().div(block.norm().add(1e-16)));
        const [found, next] = precondition(asMatrix(gradient), asMatrix(direction), old, options, finish);
        return [where(t.lt(refresh), asMatrix(grafted), found), next];
      },
      g,
      filtered,
      D,
    );
    return { w: w.sub(l2(P, w, weightDecay).mul(lr)), state: { m, ...(v && { v }), factors } };
  },
});
