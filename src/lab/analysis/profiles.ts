/**
 * Performance profiles (Dolan & More 2002, Benchmarking optimization software with performance profiles) and the score that AlgoPerf
 * makes of them (Dahl et al. 2023, arXiv:2306.07179). Times are given by competitor, then by task; an infinite one is a
 * target that was missed. All of it is relative to the fastest on each task: when that one is taken away, the others' scores change.
 */

/** Times beyond so many times the fastest count as missed. */
export const usualLimit = 4;

/** Each time over the fastest one on that task; infinite where it was missed, or nobody reached the target. */
export function ratiosToFastest(times: readonly (readonly number[])[]): number[][] {
  const tasks = times[0]?.length ?? 0;
  const fastest = Array.from({ length: tasks }, (_, w) => Math.min(...times.map((own) => own[w])));
  return times.map((own) =>
    own.map((time, w) => {
      if (!Number.isFinite(time)) return Number.POSITIVE_INFINITY;
      return fastest[w] === 0 ? (time === 0 ? 1 : Number.POSITIVE_INFINITY) : time / fastest[w];
    }),
  );
}

/** Share of the tasks solved within tau times the fastest: at 1, wherever it rises, and at the limit. */
export function performanceProfile(
  ratios: readonly number[],
  limit: number = usualLimit,
): { readonly tau: number; readonly share: number }[] {
  const taus = [...new Set([1, ...ratios.filter((ratio) => ratio <= limit), limit])].sort((a, b) => a - b);
  return taus.map((tau) => ({ tau, share: shareWithin(ratios, tau) }));
}

const shareWithin = (ratios: readonly number[], tau: number): number =>
  ratios.length === 0 ? 0 : ratios.filter((ratio) => ratio <= tau).length / ratios.length;

export interface ScoreOptions {
  /** Default 4. */
  readonly limit?: number;
  /** 'exact', or AlgoPerf's reference code: trapezoids over 100 evenly spaced points. */
  readonly integral?: 'exact' | 'trapezoid';
}

const gridPoints = 100;

/**
 * Mean height of the profile between 1 and the limit, in [0, 1]: 1 for the fastest everywhere, 0 for who never reaches a target. Its exact
 * value is the mean over tasks of (limit - ratio) / (limit - 1), and 0 for ratios beyond the limit.
 */
export function profileScore(
  ratios: readonly number[],
  { limit = usualLimit, integral = 'exact' }: ScoreOptions = {},
): number {
  if (ratios.length === 0) return Number.NaN;
  if (integral === 'exact') {
    return ratios.reduce((sum, ratio) => sum + (ratio <= limit ? (limit - ratio) / (limit - 1) : 0), 0) / ratios.length;
  }
  let area = 0;
  for (let i = 0; i < gridPoints; i++) {
    const tau = 1 + ((limit - 1) * i) / (gridPoints - 1);
    area += shareWithin(ratios, tau) * (i === 0 || i === gridPoints - 1 ? 0.5 : 1);
  }
  return area / (gridPoints - 1);
}

/**
 * Geometric mean over tasks of the baseline's time over this one's, where both reached the target, and how many tasks these are. Null
 * where there is none. It says nothing of the tasks that one of them missed.
 */
export function geometricSpeedUp(
  times: readonly number[],
  baseline: readonly number[],
): { readonly speedUp: number; readonly tasks: number } | null {
  const logs = times.flatMap((time, w) => {
    const log = Math.log(baseline[w] / time);
    return Number.isFinite(time) && Number.isFinite(log) ? [log] : [];
  });
  if (logs.length === 0) return null;
  return { speedUp: Math.exp(logs.reduce((sum, x) => sum + x, 0) / logs.length), tasks: logs.length };
}
