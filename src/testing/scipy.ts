import { readFileSync } from 'node:fs';

/** What SciPy makes of small samples: tests/fixtures/lab/statistics.json, from the script beside it. */
interface ScipyStatistics {
  readonly bootstrap: readonly (Readonly<
    Record<'percentile/0.95' | 'percentile/0.8' | 'BCa/0.95' | 'BCa/0.8', readonly [number, number]>
  > & {
    readonly statistic: 'mean' | 'standardDeviation';
    readonly values: readonly number[];
    readonly resampled: readonly number[];
  })[];
  readonly paired: readonly {
    readonly differences: readonly number[];
    readonly t: number;
    readonly interval: readonly [number, number];
    readonly sign: number;
    readonly permutation: number;
  }[];
  readonly student: readonly { readonly t: number; readonly freedom: number; readonly tails: number }[];
}

export const scipyStatistics: ScipyStatistics = JSON.parse(
  readFileSync(new URL('../../tests/fixtures/lab/statistics.json', import.meta.url), 'utf8'),
);
