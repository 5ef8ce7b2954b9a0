import { type Bundle, type Leaf, zerosLike } from '../../tensor/bundle.ts';
import type { DType } from '../../tensor/dtype.ts';
import { eye, ones, where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { solveTransposed, upper } from '../../tensor/triangular.ts';
import { choice, count, flag, fraction, log, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, normalLike, perTensorKeeping } from '../rules.ts';
import { sides } from './as-matrix.ts';

/** A factor of the preconditioner of one tensor: an upper triangular matrix [n, n], or a diagonal [n]. */
type Factors = { readonly left: Tensor; readonly right?: Tensor };
type Pair = { readonly x: Tensor; readonly probe: Tensor };

type Memory = 'full' | 'one-diagonal' | 'smart-one-diagonal' | 'all-diagonal';

/** Which factors of a tensor are diagonal: those of vectors, of sides of length 1 or beyond `maxSide`, and those that `memory` spares. */
function initFactors(
  { shape, ...leaf }: Leaf,
  dtype: DType,
  { maxSide, memory }: { maxSide: number; memory: Memory },
): Factors {
  if (shape.length < 2) return { left: ones([leaf.size], dtype) };
  const { rows, columns } = sides({ shape, ...leaf });
  const spared = (own: number, other: number, last: boolean) => {
    if (memory === 'one-diagonal') return own > other || (own === other && last);
    return memory === 'all-diagonal' || (memory === 'smart-one-diagonal' && own > other);
  };
  const factor = (n: number, diagonal: boolean) =>
    n === 1 || n > maxSide || diagonal ? ones([n], dtype) : eye(n, dtype);
  return {
    left: factor(rows, spared(rows, columns, false)),
    right: factor(columns, spared(columns, rows, true)),
  };
}

const swap = (x: Tensor): Tensor => x.transpose();

/** Q x. */
const times = (Q: Tensor, x: Tensor): Tensor => (Q.rank === 2 ? Q.matmul(x) : Q.expandDims(1).mul(x));
/** Q' x. */
const transposedTimes = (Q: Tensor, x: Tensor): Tensor =>
  Q.rank === 2 ? Q.matmul(x, { transposeA: true }) : times(Q, x);
/** Q'^-1 x. */
const transposedSolve = (Q: Tensor, x: Tensor): Tensor =>
  Q.rank === 2 ? solveTransposed(Q, x) : x.div(Q.expandDims(1));

/** A rule of the left factor, then the same of the right one. */
const both = ({ left, right }: Factors, x: Tensor, rule: (Q: Tensor, x: Tensor) => Tensor): Tensor => {
  const done = rule(left, x);
  return right ? swap(rule(right, swap(done))) : done;
};

/** A lower bound of the spectral norm of a symmetric matrix: one power step from its longest row. */
function normBound(S: Tensor): Tensor {
  const largest = S.abs().max();
  const scaled = S.div(where(largest.gt(0), largest, 1));
  const longest = scaled.gather(scaled.square().sum(1).argmax(0).reshape([1]), 0).matmul(scaled);
  return longest.div(longest.norm().maximum(tiny)).matmul(scaled).norm().mul(largest);
}

/** The smallest normal number of float32 and bfloat16: keeps 0 / 0 away and changes nothing else. */
const tiny = 2 ** -126;

/** One relative step of a factor down the criterion; `x` and `probe` are A and B, this side first. */
function adapted(Q: Tensor, { x, probe }: Pair, rate: Tensor): Tensor {
  const gram = (y: Tensor) => (Q.rank === 2 ? y.matmul(y, { transposeB: true }) : y.square().sum(1));
  const [gathered, spread] = [gram(x), gram(probe)];
  const [difference, sum] = [gathered.sub(spread), gathered.add(spread)];
  if (Q.rank === 2)
    return Q.sub(
      upper(difference)
        .matmul(Q)
        .mul(rate.div(normBound(sum).add(tiny))),
    );
  return Q.sub(difference.mul(Q).mul(rate.div(sum.max().add(tiny))));
}

/** Both factors after one step on the pair (x, probe), from the same A and B. */
function fitted(factors: Factors, { x, probe }: Pair, rate: Tensor): Factors {
  const { left, right } = factors;
  const A = both(factors, x, times);
  const B = both(factors, probe, transposedSolve);
  return {
    left: adapted(left, { x: A, probe: B }, rate),
    ...(right && { right: adapted(right, { x: swap(A), probe: swap(B) }, rate) }),
  };
}

/** Scales both factors so that their largest entries are equal; their product stays. */
function balanced({ left, right }: Factors): Factors {
  if (!right) return { left };
  const [a, b] = [left.abs().max(), right.abs().max()];
  const mean = a.mul(b).sqrt();
  return { left: left.mul(mean.div(a)), right: right.mul(mean.div(b)) };
}

/**
 * PSGD-Kron: momentum, whitened by a Kronecker-factored preconditioner that is learned without inverting statistics. Li 2015, arXiv:1512.04202;
 * Pooladzandi & Li 2024, arXiv:2402.11858; the rule is that of evanatyourservice/kron_torch.
 *
 *   m <- beta1 m + (1 - beta1) g,  m^ = m / (1 - beta1^t),  G = m^ + damping mean|m^| V, V standard normal
 *   A = Ql G Qr',  B = Ql'^-1 V Qr^-1,  Ql <- Ql - fitRate / |A A' + B B'| triu(A A' - B B') Ql,  Qr likewise with A' A and B' B
 *   D = Ql' Ql m^ Qr' Qr,  D <- D min(1, 1.1 / RMS(D)),  w <- w - lr (D + weightDecay w)
 *
 * This descends E[g' P g + V' P^-1 V] in P = Q'Q, whose minimum makes P g white. The spectral norm is a lower bound from one power step. Vectors
 * and scalars have one diagonal factor (and no decay), updated element by element with the largest entry for a norm. Kernels are flattened
 * to [out, in kh kw]; the authors' code takes a factor for each axis.
 *
 * Q is updated at every step at first, then at the rate clip(exp(-updateDecay (n - updateFlat)), updateFloor, 1), n = t - 1: whenever
 * the steps since the last update are at least the reciprocal of the rate. `updateDecay: 0` updates always. The compiled step computes the update
 * whether or not it is due, since the rate is a runtime number. With probability `balance` an update begins by giving both factors the same
 * largest entry. The current psgd library prefers updates without triangular solves; these are the ones that benchmarks raced.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const psgdKron = defineOptimizer({
  id: 'psgd-kron',
  summary: 'momentum whitened by a learned Kronecker-factored preconditioner',
  source: 'Li 2015, arXiv:1512.04202; Pooladzandi & Li 2024, arXiv:2402.11858; evanatyourservice/kron_torch',
  hyper: {
    lr: positive(3e-4, { tune: log(1e-4, 1e-2), doc: 'step size, about a third of that of AdamW' }),
    beta1: unit(0.9, { doc: 'decay of the momentum' }),
    fitRate: positive(0.1, { tune: log(1e-2, 0.5), doc: 'relative step size of the preconditioner' }),
    damping: optional(nonNegative(Math.sqrt(2 ** -23), { doc: 'share of the probe in the gradient that is whitened' })),
    updateDecay: optional(nonNegative(1e-3, { doc: 'how fast updates of the preconditioner become rarer; 0: never' })),
    updateFlat: nonNegative(500, { doc: 'steps before they become rarer' }),
    updateFloor: fraction(0.03, { doc: 'the least rate of updates' }),
    balance: optional(fraction(0.01, { doc: 'probability that an update balances the factors first' })),
    fromGradient: flag(false, 'fit the preconditioner to the gradient, not to the momentum'),
    maxSide: count(8192, 'longest side with a triangular factor'),
    memory: choice(
      'full',
      ['full', 'one-diagonal', 'smart-one-diagonal', 'all-diagonal'],
      'which factors are diagonal: none, the longer (or last) one, the longer one, both',
    ),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay of matrices, times lr' })),
  },
  check: ({ updateDecay, updateFloor }) =>
    updateDecay > 0 && updateFloor === 0 ? 'updateFloor is 0 while updateDecay is not: updates would end' : null,
  init: (w, { updateDecay, maxSide, memory }): { m: Bundle; factors: Factors[]; since?: Tensor } => ({
    m: zerosLike(w),
    factors: w.layout.leaves.map((leaf) => initFactors(leaf, w.flat.dtype, { maxSide, memory })),
    ...(updateDecay && { since: scalar(0, 'float64') }),
  }),
  step({ w, state, oracle, t, random, hyper }) {
    const { lr, beta1, fitRate, damping, updateDecay, updateFlat, updateFloor, balance, fromGradient, weightDecay } =
      hyper;
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const momentum = debias(m, beta1, t);

    const V = normalLike(w, random);
    const target = fromGradient ? g : momentum;
    const means = target
      .abs()
      .tensorSums()
      .div(target.perLeaf(({ size }) => size));
    const G = damping ? target.add(means.mul(V).mul(damping)) : target;
    const since = state.since?.add(1);
    const rate = updateDecay && t.sub(1).sub(updateFlat).mul(updateDecay).neg().exp().minimum(1).maximum(updateFloor);
    const due = since && rate ? since.ge(rate.reciprocal()) : undefined;
    const balances = balance && random.uniform([1]).lt(balance);

    const [direction, factors] = perTensorKeeping(
      state.factors,
      ([x, probe, gradient, moment], { shape }, old) => {
        const seen = (tensor: Tensor) => tensor.reshape([old.left.shape[0], -1]);
        const begin = balances ? choose(balances, balanced(old), old) : old;
        const next = fitted(begin, { x: seen(gradient), probe: seen(probe) }, fitRate);
        const own = due ? choose(due, next, old) : next;
        const D = both(own, both(own, seen(moment), times), transposedTimes);
        const rms = D.square().mean().sqrt();
        const whitened = D.mul(rms.add(1e-12).reciprocal().mul(1.1).minimum(1)).reshape(shape);
        return [weightDecay && shape.length >= 2 ? whitened.add(x.mul(weightDecay)) : whitened, own];
      },
      w,
      V,
      G,
      momentum,
    );
    return { w: w.sub(direction.mul(lr)), state: { m, factors, ...(since && due && { since: where(due, 0, since) }) } };
  },
});

/** The one pair of factors where a condition holds, else the other. */
const choose = (condition: Tensor, a: Factors, b: Factors): Factors => ({
  left: where(condition, a.left, b.left),
  ...(a.right && b.right && { right: where(condition, a.right, b.right) }),
});
