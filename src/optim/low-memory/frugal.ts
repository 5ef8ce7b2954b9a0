import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { adamwStep } from '../adaptive/adamw.ts';
import { choice, count, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { asMatrix, initParts, sides, stepParts } from '../matrix/as-matrix.ts';
import { defineOptimizer, type State } from '../optimizer.ts';
import { debias, ema, perTensorKeeping, rootPlus, shrink } from '../rules.ts';
import { type ActiveMoments, initActive, orders, sequenceOf, stepActive, stepOfTurn, turnOf } from './active-block.ts';
import { type Selector, subspaceOf } from './subspace.ts';

/** Moments of one matrix in its subspace, and which subspace that is. */
type Projected = { readonly m: Tensor; readonly v: Tensor; readonly at: Tensor };

interface Choice {
  readonly selector: Selector | 'blockwise' | 'none';
  readonly percent: number;
  readonly order: 'descending' | 'ascending' | 'random';
}

/** Sets of whole matrices, each of `percent` of them (at least one), as they follow one another until all were first in a set. */
function windowsOf({ layout: { leaves } }: Bundle, { percent, order }: Choice): ((leaf: Leaf) => boolean)[] {
  const sequence = sequenceOf(leaves.length, order);
  const active = Math.max(1, Math.round((leaves.length * percent) / 100));
  return sequence.map((_, turn) => {
    const names = new Set<string>();
    // Where two random sweeps meet a matrix may come twice.
    for (let i = turn * active; names.size < active; i++) names.add(leaves[sequence[i % sequence.length]].name);
    return ({ name }) => names.has(name);
  });
}

/**
 * FRUGAL: a part of each gradient goes to Adam, what is left to sign descent, which keeps no state. Zmushko et al. 2024, arXiv:2411.07837,
 * Algorithm 1.
 *
 *   every `gap` steps choose a new subspace;  r = P g, e = g - P' r
 *   m <- beta1 m + (1 - beta1) r,  v <- beta2 v + (1 - beta2) r^2,  u = m^ / (sqrt(v^) + eps)
 *   w <- (1 - lr weightDecay) w - lr P' u - lr freeScale sign(e)
 *
 * Chosen entries leave a residual of exactly 0, whose sign is 0. The part with state is `percent` of the columns, rows, entries (one from each
 * of as many runs of neighbours) or singular vectors of each matrix; 'blockwise' takes whole matrices in turn instead (`order`; 'random' repeats
 * after eight sweeps); 'none' leaves everything to sign descent. At a change of subspace the moments begin anew and their bias correction too
 * (`states: 'reset'`, the authors' default), are kept as they are ('keep'), or are projected ('project'): m <- P_new P_old' m and v with the squares of
 * the entries of P_new P_old', which keep it at least 0; the paper's rule for v could not be verified. Hidden matrices and kernels take this rule,
 * all other tensors AdamW with the same rates.
 */
export const frugal = defineOptimizer({
  id: 'frugal',
  summary: 'Adam on a changing part of each gradient, sign descent without state on the rest',
  source: 'Zmushko et al. 2024, arXiv:2411.07837, Algorithm 1',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 1e-2), doc: 'step size' }),
    selector: choice(
      'columns',
      ['columns', 'rows', 'entries', 'svd', 'random', 'blockwise', 'none'],
      'what the part with state consists of',
    ),
    percent: count(25, 'its share, 100 rho in the paper'),
    gap: count(200, 'steps between two subspaces'),
    freeScale: nonNegative(1, { tune: log(0.03, 1), doc: 'step size of sign descent relative to lr' }),
    states: choice('reset', ['reset', 'keep', 'project'], 'what becomes of moments when the subspace changes'),
    order: choice('random', orders, "who follows whom (selector 'blockwise')"),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
  },
  check({ percent, selector, states }) {
    if (percent > 100) return `percent is ${percent}; it must be a whole number from 1 to 100`;
    return states !== 'reset' && selector === 'blockwise'
      ? `states is '${states}' but selector is 'blockwise', which always resets`
      : null;
  },
  init: (w, hyper) =>
    initParts(w, {
      matrices: (part): State => {
        const { selector, percent } = hyper;
        if (selector === 'none') return [];
        if (selector === 'blockwise') return initActive(part, windowsOf(part, hyper));
        return part.layout.leaves.map((leaf): Projected => {
          const { shape, initial } = subspaceOf(selector, sides(leaf), percent);
          const { dtype } = part.flat;
          return { m: zeros(shape, dtype), v: zeros(shape, dtype), at: initial(dtype) };
        });
      },
      rest: (part) => ({ m: zerosLike(part), v: zerosLike(part) }),
    }),
  step({ w, state, oracle, t, every, random, hyper }) {
    const { lr, selector, percent, gap, freeScale, states, beta1, beta2, eps, weightDecay } = hyper;
    const rates = { lr, beta1, beta2, eps, decay: weightDecay?.mul(lr) };
    const free = (residual: Tensor) => residual.sign().mul(freeScale);
    const signDescent = (part: Bundle, g: Bundle) => shrink(part, rates.decay).sub(g.map(free).mul(lr));
    const k = states === 'reset' ? stepOfTurn(t, gap) : t;

    const direction = (
      kind: Selector,
      leaf: Leaf,
      g: Tensor,
      old: Projected,
      refresh: boolean,
    ): [Tensor, Projected] => {
      const space = subspaceOf(kind, sides(leaf), percent);
      const at = refresh ? space.choose(g, random, old.at) : old.at;
      const begin = (moment: Tensor, carry: () => Tensor) =>
        !refresh || states === 'keep' ? moment : states === 'reset' ? zeros(space.shape, g.dtype) : carry();
      const r = space.project(g, at);
      const carried = begin(old.m, () => space.project(space.back(old.m, old.at), at));
      const m = ema(carried, r, beta1);
      const squares = begin(old.v, () => space.carrySquares(old.v, old.at, at));
      const v = ema(squares, r.square(), beta2);
      const u = space.back(debias(m, beta1, k).div(rootPlus(debias(v, beta2, k), eps)), at);
      // A basis that spans everything leaves rounding errors, and their signs are not small.
      const update = space.whole ? u : u.add(free(g.sub(space.back(r, at))));
      return [update, { m, v, at }];
    };

    return stepParts(w, oracle.grad(w), state, {
      matrices: (part, g, kept): { w: Bundle; state: State } => {
        if (selector === 'none') return { w: signDescent(part, g), state: [] };
        const refresh = every(gap);
        if (selector === 'blockwise') {
          const active = turnOf(windowsOf(part, hyper), gap, every);
          return stepActive(part, g, kept as ActiveMoments, active, {
            ...rates,
            begins: refresh,
            k,
            rest: signDescent,
          });
        }
        const [update, projected] = perTensorKeeping(
          kept as readonly Projected[],
          ([gradient], leaf, old) => direction(selector, leaf, asMatrix(gradient), old, refresh),
          g,
        );
        return { w: shrink(part, rates.decay).sub(update.mul(lr)), state: projected };
      },
      rest: (part, g, moments) => adamwStep(part, moments, g, t, rates),
    });
  },
});
