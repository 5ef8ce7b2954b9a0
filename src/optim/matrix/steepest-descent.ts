import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, log, logOneMinus, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { ema } from '../rules.ts';
import { directions, duals, kindOf, type Norm, namedNorm, normNames, operatorShape, timesEach } from './norms.ts';
import { orthogonalizeHyper, orthogonalizer } from './orthogonalize.ts';

/**
 * A norm of all tensors together, from one norm |.|_l and one scale s_l for each: dual norm and direction of g.
 *
 *   max         max_l s_l |W_l|_l             |g|* = sum_l |G_l|_l* / s_l                direction_l = D_l(G_l) / s_l
 *   euclidean   sqrt(sum_l (s_l |W_l|_l)^2)   |g|* = sqrt(sum_l (|G_l|_l* / s_l)^2)      direction_l = D_l(G_l) |G_l|_l* / (s_l^2 |g|*)
 */
function together(g: Bundle, normOf: (leaf: Leaf) => Norm, scaleOf: (leaf: Leaf) => Tensor, across: Across) {
  const { leaves } = g.layout;
  const parts = duals(g, normOf).map((dual, i) => dual.cast('float64').div(scaleOf(leaves[i])));
  const sum = (terms: readonly Tensor[]) => terms.reduce((total, term) => total.add(term));
  const dual = across === 'max' ? sum(parts) : sum(parts.map((part) => part.square())).sqrt();
  const share = (part: Tensor) => (across === 'max' ? 1 : part.div(where(dual.gt(0), dual, 1)));
  const factors = parts.map((part, i) => scaleOf(leaves[i]).reciprocal().mul(share(part)));
  return { dual, direction: timesEach(directions(g, normOf), factors) };
}

type Across = 'max' | 'euclidean';
type StepState = { m?: Bundle; start?: { w: Bundle; eta: Tensor } };

/**
 * Steepest descent under a chosen norm for each kind of tensor. Bernstein & Newhouse 2024, "Old Optimizer, New Norm: An Anthology",
 * arXiv:2409.20325; the norms and their duality maps are in `norms.ts`.
 *
 *   w <- w - eta direction(g),   eta = lr |g|*   (`size: 'dual'`; lr is 1 / sharpness: argmin <g, d> + |d|^2 / (2 lr))
 *                                eta = lr        ('unit': normalised steepest descent)
 *                                eta_t, from eta_1 = lr by eta_{t+1} = max(eta_t, <g_t, w_1 - w_t> / |g_t|*)   ('escape')
 *
 * Under 'max' everywhere 'unit' is sign descent (Adam without averages) and 'escape' is Prodigy without averages; under 'spectral' it is
 * Shampoo without accumulation, which is Muon's direction; under 'frobenius' it is normalised gradient descent, and with
 * `size: 'dual'`, `across: 'euclidean'` gradient descent itself. `across` says how the norms of tensors make one: the paper takes the
 * largest, and then one eta serves all layers. A larger `...Scale` of a kind makes its steps smaller. `momentum` puts an average in the place of g.
 *
 * Matrices are [outputs, inputs], kernels are flattened to it, embeddings transposed; a vector is a matrix with one input. Where g is zero,
 * nothing moves. A schedule multiplies eta, in 'escape' outside of its maximum.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const steepestDescent = defineOptimizer({
  id: 'steepest-descent',
  summary: 'steepest descent under a chosen norm for each kind of tensor',
  source: 'Bernstein & Newhouse 2024, arXiv:2409.20325',
  hyper: {
    lr: positive(0.01, { tune: log(1e-3, 0.3), doc: 'step size: times the dual norm, alone, or the first one' }),
    size: choice('dual', ['dual', 'unit', 'escape'], 'what makes the length of a step'),
    across: choice('max', ['max', 'euclidean'], 'how the norms of the tensors make one'),
    matrix: choice('rms', normNames, 'norm of hidden matrices and kernels'),
    embedding: choice('column-rms', normNames, 'norm of embeddings'),
    head: choice('rms', normNames, 'norm of the head'),
    vector: choice('column-rms', normNames, 'norm of biases, gains and other vectors'),
    matrixScale: positive(1, { doc: 'weight of the norms of hidden matrices and kernels' }),
    embeddingScale: positive(1, { doc: 'weight of the norms of embeddings' }),
    headScale: positive(1, { doc: 'weight of the norm of the head' }),
    vectorScale: positive(1, { doc: 'weight of the norms of vectors' }),
    ...orthogonalizeHyper,
    orthogonalize: { ...orthogonalizeHyper.orthogonalize, default: 'exact' },
    momentum: optional(unit(0, { tune: logOneMinus(0.5, 0.98), doc: 'decay of the average of gradients' })),
  },
  init: (w, { momentum, size, lr }): StepState => ({
    ...(momentum && { m: zerosLike(w) }),
    ...(size === 'escape' && { start: { w, eta: lr } }),
  }),
  step({ w, state, oracle, schedule, hyper }) {
    const { lr, size, across, matrixScale, embeddingScale, headScale, vectorScale, momentum } = hyper;
    const scales = { matrix: matrixScale, embedding: embeddingScale, head: headScale, vector: vectorScale };
    const orthogonalize = orthogonalizer(hyper);
    const g = state.m && momentum ? ema(state.m, oracle.grad(w), momentum) : oracle.grad(w);
    const { dual, direction } = together(
      g,
      (leaf) => namedNorm(hyper[kindOf(leaf)], operatorShape(leaf), orthogonalize),
      (leaf) => scales[kindOf(leaf)],
      across,
    );
    const kept = state.m && { m: g };
    if (!state.start) return { w: w.sub(direction.mul(size === 'dual' ? dual.mul(lr) : lr)), state: { ...kept } };
    const { w: first, eta } = state.start;
    const escaped = where(dual.gt(0), g.dot(first.sub(w)).cast('float64').div(dual), 0);
    return {
      w: w.sub(direction.mul(eta.mul(schedule))),
      state: { ...kept, start: { w: first, eta: eta.maximum(escaped) } },
    };
  },
});
