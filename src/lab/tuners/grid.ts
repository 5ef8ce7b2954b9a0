import { quantile, type TuningRange } from '../../optim/hyper.ts';

/** The quantile of a value in a tuning range: the inverse of `quantile`. Below 0 or above 1 outside the range. */
export function quantileOf({ scale, low, high }: TuningRange, value: number): number {
  if (high === low) return 0;
  if (scale === 'linear') return (value - low) / (high - low);
  if (scale === 'log') return Math.log(value / low) / Math.log(high / low);
  return Math.log((1 - value) / (1 - low)) / Math.log((1 - high) / (1 - low));
}

/** `count` values, evenly spaced in quantile, both ends among them; a single one is the middle. */
export const evenGrid = (range: TuningRange, count: number): number[] =>
  Array.from({ length: count }, (_, i) => {
    if (i === count - 1 && count > 1) return range.high;
    return quantile(range, count === 1 ? 0.5 : i / (count - 1));
  });

/** The place in a grid that is nearest to a value, by quantile; the lower of two equally near ones. */
export function nearestIn(grid: readonly number[], range: TuningRange, value: number): number {
  const same = grid.indexOf(value);
  if (same >= 0) return same;
  // A grid may hold what has no finite quantile: a weight decay of 0 in a range that is searched on a log scale.
  const place = (x: number): number => Math.min(2, Math.max(-1, quantileOf(range, x)));
  let nearest = 0;
  grid.forEach((candidate, i) => {
    if (Math.abs(place(candidate) - place(value)) < Math.abs(place(grid[nearest]) - place(value))) nearest = i;
  });
  return nearest;
}
