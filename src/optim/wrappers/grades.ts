import { Bundle, merge, zerosLike } from '../../tensor/bundle.ts';
import { constant, where, zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, fraction, log, nonNegative } from '../hyper.ts';
import { isMatrix } from '../matrix/as-matrix.ts';
import { defineWrapper } from '../wrapper.ts';

/** The monitored tensors; without any, none. */
const monitored = (w: Bundle): Bundle | null => (w.layout.leaves.some(isMatrix) ? w.select(isMatrix) : null);

/** w in its frozen matrices, `other` everywhere else. */
function hold(w: Bundle, frozen: Tensor, other: Bundle): Bundle {
  const matrices = w.select(isMatrix);
  const { layout } = matrices;
  const flags = Bundle.fromNumbers(layout, frozen);
  return merge(
    w.layout,
    matrices.where(flags.gt(0.5), other.select(isMatrix)),
    other.select((leaf) => !isMatrix(leaf)),
  );
}

/**
 * GradES: hidden matrices are frozen one by one when their gradients have become small. Wen et al. 2025, arXiv:2509.01842, Algorithm 1.
 *
 *   from step ceil(grace T) on, for each matrix that is not frozen:  n = sum |g_ij|;  n < freezeBelow freezes it for good after this step
 *
 * A frozen matrix stays where it is, whatever momentum or decay would do; gradients still flow through it. Versions differ in what is measured:
 * the gradient (versions 1 and 2 of the paper; the default), its change since the step before (version 3), or the change of the weights in
 * one step (the authors' code, which begins one step after the grace period). No threshold suits all: it depends on size, batch and loss; with
 * `freezeNorm: 'mean'` n is divided by the number of entries. Flags are numbers of the state, so one program serves the whole run: the weight
 * gradients of frozen matrices are computed and thrown away, and a run whose matrices are all frozen goes on (other tensors still train). Where the
 * base evaluates elsewhere than it trains (an average), frozen matrices are evaluated as they are.
 */
export const grades = defineWrapper({
  id: 'grades',
  summary: 'freezes each hidden matrix when its gradient has become small',
  source: 'Wen et al. 2025, arXiv:2509.01842, Algorithm 1',
  hyper: {
    freezeBelow: nonNegative(1e-4, { tune: log(1e-5, 1e-2), doc: 'threshold, tau in the paper' }),
    grace: fraction(0.3, { doc: 'share of the run before anything is frozen, alpha in the paper' }),
    freezeMetric: choice('gradient', ['gradient', 'gradient-change', 'weight-change'], 'what must be small'),
    freezeNorm: choice('sum', ['sum', 'mean'], 'sum of sizes over a matrix, or their mean'),
  },
  init(w, { freezeMetric }): { frozen?: Tensor; last?: Bundle } {
    const part = monitored(w);
    if (!part) return {};
    return {
      frozen: zeros([part.layout.leaves.length], w.flat.dtype),
      ...(freezeMetric === 'gradient-change' && { last: zerosLike(part) }),
    };
  },
  step({ w, state, oracle, t, horizon, hyper: { freezeBelow, grace, freezeMetric, freezeNorm } }, base) {
    const next = base();
    const part = monitored(w);
    if (!part || !state.frozen) return { ...next, own: {} };
    const held = hold(w, state.frozen, next.w);
    const g = freezeMetric === 'weight-change' ? undefined : oracle.grad(w).select(isMatrix);
    const measured = g ? (state.last ? g.sub(state.last) : g) : held.select(isMatrix).sub(part);
    const counts = constant(part.layout.sizes, { dtype: w.flat.dtype });
    const sums = measured.abs().sumOfEach();
    const n = freezeNorm === 'mean' ? sums.div(counts) : sums;
    // The subtrahend heals products such as 0.07 * 100 = 7.000000000000001.
    const first = grace.mul(horizon).sub(1e-9).ceil();
    // A change of the gradient needs a step before it.
    const due = { gradient: t.ge(first), 'gradient-change': t.ge(first.maximum(2)), 'weight-change': t.gt(first) }[
      freezeMetric
    ];
    const frozen = where(n.lt(freezeBelow.cast(n.dtype)).and(due), 1, state.frozen);
    return { ...next, w: held, own: { frozen, ...(state.last && g && { last: g }) } };
  },
  evaluationPoint: ({ w, state }, evaluate) => (state.frozen ? hold(w, state.frozen, evaluate()) : evaluate()),
});
