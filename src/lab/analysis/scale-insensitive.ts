import type { Trial } from '../plan.ts';
import { endOf } from './ends.ts';

/**
 * Which settings are as good as the best, and which values of a hyperparameter serve at every scale (Wen, Hall, Ma & Liang 2025,
 * arXiv:2509.02046: the approximately optimal set, and scaling-insensitive hyperparameters).
 */

/** The trials whose validation loss at the end is within `tolerance` of the least among them. */
export function nearlyBest(trials: readonly Trial[], tolerance: number): readonly Trial[] {
  const ended = trials.flatMap((trial) => {
    const loss = endOf(trial)?.loss ?? Number.NaN;
    return Number.isFinite(loss) ? [{ trial, loss }] : [];
  });
  const least = Math.min(...ended.map(({ loss }) => loss));
  return ended.filter(({ loss }) => loss <= least + tolerance).map(({ trial }) => trial);
}

/** The values that a hyperparameter has in some trial of every set, in rising order. None of them: it is sensitive to scale. */
export function commonValues(hyper: string, sets: readonly (readonly Trial[])[]): number[] {
  const [first, ...others] = sets.map((set) => new Set(set.map(({ plan }) => Number(plan.values[hyper]))));
  return [...(first ?? [])].filter((value) => others.every((set) => set.has(value))).sort((a, b) => a - b);
}
