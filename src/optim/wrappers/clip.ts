import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { flatten, unflatten } from '../../tensor/tree.ts';
import { choice, log, positive } from '../hyper.ts';
import type { State } from '../optimizer.ts';
import { defineWrapper } from '../wrapper.ts';
import { withGradient } from './transformed.ts';

const source = 'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, Algorithm 1';

/** The next state where the condition holds, the old one elsewhere. */
export const choose = (condition: Tensor, next: State, old: State): State => {
  const before = flatten<Tensor>(old).leaves;
  return unflatten(
    next,
    flatten<Tensor>(next).leaves.map((leaf, i) => where(condition, leaf, before[i])),
  );
};

/**
 * Clips the gradient to a length: g <- g min(1, maxNorm / |g|), |g| over all parameters. Pascanu, Mikolov & Bengio 2013, Algorithm 1.
 *
 * The base sees the clipped gradient, before its momentum and decay; put it inside accumulate, accumulate(clip(sgd)), so that means are clipped and not
 * their terms. `clipForm: 'pytorch'` takes maxNorm / (|g| + 1e-6) instead, as clip_grad_norm_ does. A norm that is not finite makes everything
 * NaN and the run is seen to diverge; `nonFinite: 'skip'` leaves parameters and state as they were in such a step.
 */
export const clipByGlobalNorm = defineWrapper({
  id: 'clip',
  summary: 'gradient clipped to a global norm',
  source,
  hyper: {
    maxNorm: positive(1, { tune: log(0.1, 10), doc: 'largest norm of the gradient over all parameters' }),
    clipForm: choice('exact', ['exact', 'pytorch'], 'what the norm is divided by: itself, or itself + 1e-6'),
    nonFinite: choice('propagate', ['propagate', 'skip'], 'what a step does whose gradient is not finite'),
  },
  step({ w, oracle, baseState, hyper: { maxNorm, clipForm, nonFinite } }, base) {
    const norms: Tensor[] = [];
    const clipped = withGradient(oracle, (g) => {
      const norm = g.norm();
      norms.push(norm);
      const factor = maxNorm.div(clipForm === 'pytorch' ? norm.add(1e-6) : norm);
      return g.mul(clipForm === 'pytorch' ? factor.minimum(1) : where(norm.lt(maxNorm.cast(norm.dtype)), 1, factor));
    });
    const next = base({ oracle: clipped });
    if (nonFinite === 'propagate' || norms.length === 0) return next;
    const finite = norms.map((norm) => norm.lt(Number.POSITIVE_INFINITY)).reduce((all, one) => all.and(one));
    return {
      w: next.w.map((flat) => where(finite, flat, w.flat)),
      state: choose(finite, next.state, baseState),
    };
  },
});

/** Clips every element of the gradient to [-maxValue, maxValue]. */
export const clipByValue = defineWrapper({
  id: 'clip-value',
  summary: 'every element of the gradient clipped',
  source,
  hyper: { maxValue: positive(1, { tune: log(1e-3, 1), doc: 'largest size of an element of the gradient' }) },
  step: ({ oracle, hyper: { maxValue } }, base) =>
    base({ oracle: withGradient(oracle, (g) => g.clip(maxValue.neg(), maxValue)) }),
});
