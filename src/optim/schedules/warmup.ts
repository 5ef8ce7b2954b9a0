import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, nonNegative } from '../hyper.ts';
import { oneMinus, stepsOf } from '../rules.ts';

/**
 * How the multiplier r rises over the W steps of a warmup, s steps being done and t = s + 1:
 *
 *   one-based t / W, zero-based s / W (the first step is wasted), hundredth s / W + (1 - s / W) / 100, cosine (1 - cos(pi s / W)) / 2
 *
 * exponential is 1 - exp(-t / W) at every step: W is a time constant, and the rise multiplies the main schedule without end. Ma & Yarats 2021,
 * arXiv:1910.04209, call it untuned with W = 1 / (1 - beta2), and linear warmup untuned with W = 2 / (1 - beta2) (`untunedWarmup`).
 */
export type WarmupForm = 'one-based' | 'zero-based' | 'hundredth' | 'cosine' | 'exponential';
/** Is the main schedule that of the steps after the warmup, or of the whole run, multiplied by the rise? */
export type WarmupMode = 'before' | 'multiply';
/**
 * Which end of a step its number names: 'zero' counts the steps done before it, 'one' the step itself, 'inner' neither end: step t of n is
 * t / (n + 1) of the way, so that no step has the last factor.
 */
export type Indexing = 'zero' | 'one' | 'inner';

export const warmup = (value = 0) => nonNegative(value, { doc: 'steps of warmup; below 1: a share of the run' });
export const warmupForm = (value: WarmupForm = 'one-based') =>
  choice(
    value,
    ['one-based', 'zero-based', 'hundredth', 'cosine', 'exponential'],
    'linear from 1 / W, 0 or 1 / 100; half a cosine; 1 - exp(-t / W)',
  );
export const warmupMode = (value: WarmupMode = 'before') =>
  choice(
    value,
    ['before', 'multiply'],
    'before: the schedule begins after the warmup; multiply: the warmup scales its start',
  );
export const indexing = (value: Indexing = 'zero') =>
  choice(
    value,
    ['zero', 'one', 'inner'],
    'zero: the first step has the full rate; one: the last has the last one; inner: neither',
  );

/** Steps of a warmup that Adam's second moment asks for: 2 / (1 - beta2) for a linear one, 1 / (1 - beta2) as a time constant. */
export const untunedWarmup = (beta2: number, form: 'linear' | 'exponential' = 'linear'): number =>
  (form === 'linear' ? 2 : 1) / (1 - beta2);

interface Warmup {
  readonly t: Tensor;
  readonly horizon: Tensor;
  readonly hyper: { readonly warmup: Tensor; readonly warmupForm: WarmupForm; readonly warmupMode?: WarmupMode };
}

const rises: Record<WarmupForm, (t: Tensor, W: Tensor) => Tensor> = {
  'one-based': (t, W) => t.div(W),
  'zero-based': (t, W) => t.sub(1).div(W),
  hundredth: (t, W) => t.sub(1).div(W).mul(0.99).add(0.01),
  cosine: (t, W) => oneMinus(t.sub(1).div(W).mul(Math.PI).cos()).mul(0.5),
  exponential: (t, W) => oneMinus(t.div(W).neg().exp()),
};

/** The warmup's factor, for its first W steps, and the main schedule after them: main(W), its first W steps being gone. */
export function afterWarmup({ t, horizon, hyper }: Warmup, main: (W: Tensor) => Tensor): Tensor {
  const W = stepsOf(hyper.warmup, horizon);
  // W may be 0; then no step is a warmup step and the quotient does not matter.
  const rise = rises[hyper.warmupForm](t, W.maximum(1));
  if (hyper.warmupForm === 'exponential') return where(W.gt(0), rise, 1).mul(main(W.mul(0)));
  const rising = t.sub(1).lt(W);
  return hyper.warmupMode === 'multiply' ? where(rising, rise, 1).mul(main(W.mul(0))) : where(rising, rise, main(W));
}

interface Progress extends Warmup {
  readonly hyper: Warmup['hyper'] & { readonly indexing: Indexing };
}

/** As `afterWarmup`, with the steps p of the main schedule at this step, clipped to [0, n], and their number n; the last `hold` have p = n. */
export function overRest(context: Progress, main: (p: Tensor, n: Tensor) => Tensor, hold?: Tensor): Tensor {
  const { t, horizon, hyper } = context;
  const end = hold ? horizon.sub(stepsOf(hold, horizon)) : horizon;
  return afterWarmup(context, (W) => {
    const steps = end.sub(W).maximum(1);
    const n = hyper.indexing === 'inner' ? steps.add(1) : steps;
    const p = (hyper.indexing === 'zero' ? t.sub(1) : t).sub(W);
    return main(p.clip(0, n), n);
  });
}
