import { median } from '../src/lab/analysis/statistics.ts';

/** Milliseconds of one step over the turns of a peer. */
export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Turns that were timed. */
  readonly turns: number;
}

export const summarize = (times: readonly number[]): Times => ({
  median: median(times),
  min: Math.min(...times),
  max: Math.max(...times),
  turns: times.length,
});

/** Values may differ by this much: absolutely for a loss, which is about 1, and relative to ours where ours is larger. */
export const tolerance = 1e-3;

/**
 * Do the values of two peers agree? A loss: to 1e-3 of max(1, |ours|). Any other value has no natural size (the descent of an update may be
 * 1e-4 as a whole): to 1e-3 of |ours|.
 */
export function agrees(kind: string, value = Number.NaN, ours = Number.NaN): boolean {
  const hasSize = kind !== 'update' && kind !== 'hvp' && kind !== 'per-example';
  return Math.abs(value - ours) <= tolerance * (hasSize ? Math.max(1, Math.abs(ours)) : Math.abs(ours));
}

/** The geometric mean: the ratio that stands for several. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);
