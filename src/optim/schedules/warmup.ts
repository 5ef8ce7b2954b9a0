import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, nonNegative } from '../hyper.ts';
import { stepsOf } from '../rules.ts';

/** How the multiplier rises over the W steps of a warmup, s = t - 1 steps being done. */
export type WarmupForm = 'one-based' | 'zero-based' | 'hundredth';
/** Which end of a step its number names: 'zero' counts the steps done before it, 'one' the step itself. */
export type Indexing = 'zero' | 'one';

export const warmup = (value = 0) => nonNegative(value, { doc: 'steps of linear warmup; below 1: a share of the run' });
export const warmupForm = (value: WarmupForm = 'one-based') =>
  choice(value, ['one-based', 'zero-based', 'hundredth'], 'first factor: 1 / W, 0 or 1 / 100');
export const indexing = (value: Indexing = 'zero') =>
  choice(value, ['zero', 'one'], 'zero: the first step has the full rate; one: the last has the last one');

interface Warmup {
  readonly t: Tensor;
  readonly horizon: Tensor;
  readonly hyper: { readonly warmup: Tensor; readonly warmupForm: WarmupForm };
}

/** The warmup's factor, for its first W steps, and the main schedule after them. */
export function afterWarmup({ t, horizon, hyper }: Warmup, main: (W: Tensor) => Tensor): Tensor {
  const W = stepsOf(hyper.warmup, horizon);
  const s = t.sub(1);
  // W may be 0; then no step is a warmup step and the quotient does not matter.
  const share = (hyper.warmupForm === 'one-based' ? t : s).div(W.maximum(1));
  const rise = hyper.warmupForm === 'hundredth' ? share.mul(0.99).add(0.01) : share;
  return where(s.lt(W), rise, main(W));
}

interface Progress extends Warmup {
  readonly hyper: Warmup['hyper'] & { readonly indexing: Indexing };
}

/** As `afterWarmup`, with the steps p of the main schedule at this step, clipped to [0, n], and their number n. */
export function overRest(context: Progress, main: (p: Tensor, n: Tensor) => Tensor): Tensor {
  const { t, horizon, hyper } = context;
  return afterWarmup(context, (W) => {
    const n = horizon.sub(W).maximum(1);
    const p = (hyper.indexing === 'one' ? t : t.sub(1)).sub(W);
    return main(p.clip(0, n), n);
  });
}
