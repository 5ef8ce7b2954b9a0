import type { Trial, Values } from '../plan.ts';
import { endOf } from './ends.ts';
import { profileScore, ratiosToFastest, type ScoreOptions, usualLimit } from './profiles.ts';
import { median } from './statistics.ts';

/** A setting for all tasks. */
export interface Setting {
  /** '0' for the defaults. */
  readonly key: string;
  readonly values: Values;
  /** Length of a run as a share of a task's steps. */
  readonly horizon: number;
}

/** What one setting comes to on every task. */
export interface SettingResult {
  /** Steps to the target by task; infinite where it was missed. */
  readonly times: readonly number[];
  /** By task, from 0 for the best of all that are compared to 1 for no better than at the start. */
  readonly excess: readonly number[];
}

/** How one setting is chosen for all tasks. */
export type Selection = 'profile-score' | 'mean-excess' | 'geomean-time';

/**
 * The place of the best setting: by its score in the performance profiles of all settings against one another, by its mean excess, or by
 * the geometric mean of its times to target, misses counting as the limit times the fastest. Equal ones go by mean excess, then by place.
 * Null where there are none.
 */
export function selectSetting(
  results: readonly SettingResult[],
  select: Selection,
  options: ScoreOptions = {},
): number | null {
  const { limit = usualLimit } = options;
  const ratios = ratiosToFastest(results.map(({ times }) => times));
  const badness: { readonly [K in Selection]: (i: number) => number } = {
    'profile-score': (i) => -profileScore(ratios[i], options),
    'mean-excess': (i) => meanExcess(results[i]),
    'geomean-time': (i) => ratios[i].reduce((sum, ratio) => sum + Math.log(Math.min(ratio, limit)), 0),
  };
  const order = results.map((_, i) => i);
  order.sort(
    (a, b) => badness[select](a) - badness[select](b) || meanExcess(results[a]) - meanExcess(results[b]) || a - b,
  );
  return order[0] ?? null;
}

export const meanExcess = ({ excess }: Pick<SettingResult, 'excess'>): number =>
  excess.reduce((sum, e) => sum + e, 0) / excess.length;

/**
 * (loss - best) / (start - best), between 0 and 1: what is left of the way from the loss at the start to the best one known. A loss that
 * is no number, of a run that diverged, is 1. NaN where the start is not known.
 */
export function excessOf(loss: number, best: number, start: number): number {
  if (Number.isNaN(start)) return Number.NaN;
  if (!Number.isFinite(loss)) return 1;
  return start > best ? Math.min(1, Math.max(0, (loss - best) / (start - best))) : loss > best ? 1 : 0;
}

/** Of trials by setting, then by task. */
export function settingResults(trials: readonly (readonly Trial[])[]): SettingResult[] {
  const losses = trials.map((own) => own.map((trial) => endOf(trial)?.loss ?? Number.NaN));
  const excess = excesses(
    losses,
    trials[0].map((_, w) => startLoss(trials.map((own) => own[w]))),
  );
  return trials.map((own, i) => ({
    times: own.map(({ outcome }) =>
      outcome.status === 'finished'
        ? (outcome.targetReached?.step ?? Number.POSITIVE_INFINITY)
        : Number.POSITIVE_INFINITY,
    ),
    excess: excess[i],
  }));
}

/** By setting and task, from final losses, against the best loss on that task. */
export function excesses(losses: readonly (readonly number[])[], starts: readonly number[]): number[][] {
  const best = starts.map((_, w) => Math.min(...losses.map((own) => own[w]).filter(Number.isFinite)));
  return losses.map((own) => own.map((loss, w) => excessOf(loss, best[w], starts[w])));
}

/** Validation loss before the first step; the median over runs. NaN where nobody looked. */
export const startLoss = (trials: readonly Trial[]): number => {
  const starts = trials.flatMap(({ outcome }) => outcome.start?.loss ?? []).filter(Number.isFinite);
  return starts.length === 0 ? Number.NaN : median(starts);
};
