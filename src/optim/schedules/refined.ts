import { HyperError } from '../hyper.ts';

export interface RefinedOptions {
  /** Which gradient norms were recorded: 'l2' for SGD (weights 1 / G^2), 'l1' for Adam and its relatives (weights 1 / G). Default 'l2'. */
  readonly norm?: 'l2' | 'l1';
  /** Width of the median filter as a share of the run, tau in the paper, in [0, 1). Default 0.1; 0 filters nothing. */
  readonly smoothing?: number;
  /** Steps of the next run. Default: as many as there are finite norms. */
  readonly steps?: number;
  /** Divide by the largest multiplier; otherwise by the sum of the weights, as the theorem has it. Default true. */
  readonly normalize?: boolean;
}

/**
 * Running medians over 2 floor(window / 2) + 1 numbers. On the left the first number is repeated, on the right the row is reflected at its
 * last number, which is not repeated.
 */
export function medianFilter(row: readonly number[], window: number): number[] {
  const half = Math.floor(window / 2);
  const last = row.length - 1;
  const reflect = (i: number): number => {
    const at = last === 0 ? 0 : i % (2 * last);
    return at > last ? 2 * last - at : at;
  };
  return row.map((_, i) => {
    const around = Array.from({ length: 2 * half + 1 }, (__, j) => row[reflect(Math.max(0, i - half + j))]);
    return around.sort((a, b) => a - b)[half];
  });
}

/** The row at another rate, by linear interpolation between its first and last numbers. */
export const resample = (row: readonly number[], length: number): number[] =>
  Array.from({ length }, (_, i) => {
    const at = length === 1 ? 0 : (i * (row.length - 1)) / (length - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, row.length - 1);
    return row[low] + (at - low) * (row[high] - row[low]);
  });

/**
 * Schedule refinement: from the gradient norms of a run, the multipliers of the schedule that would have given the best bound on the loss of
 * its last iterate, for the next run (`withSchedule(sgd(), table(refined(norms)))`). Defazio, Cutkosky, Mehta & Mishchenko 2023,
 * arXiv:2310.07831, Algorithms 1 (SGD) and 2 (Adam).
 *
 *   G^ = median filter of G,  omega_t = G^_t^-2 (l2) or G^_t^-1 (l1),  eta_t = omega_t (omega_{t+1} + ... + omega_T),  over the largest eta
 *
 * Equal norms give linear decay, 1 - t / T up to its scale; eta_T is 0. Norms that are not finite are dropped. Where smoothed norms are 0 (an
 * interpolating model) the weights have no value: they are bounded as if the norm were the smallest positive one.
 */
export function refined(norms: readonly number[], options: RefinedOptions = {}): number[] {
  const { norm = 'l2', smoothing = 0.1, normalize = true } = options;
  const finite = norms.filter((x) => Number.isFinite(x));
  const { steps = finite.length } = options;
  if (finite.length === 0) throw new HyperError('refined: none of the gradient norms is finite');
  if (!(smoothing >= 0 && smoothing < 1))
    throw new HyperError(`refined: smoothing is ${smoothing}; it must lie in [0, 1)`);
  if (!(Number.isInteger(steps) && steps >= 2))
    throw new HyperError(`refined: steps is ${steps}; it must be a whole number from 2`);
  const smooth = medianFilter(resample(finite, steps), Math.floor(smoothing * steps + 1e-9));
  const least = smooth.filter((x) => x > 0).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  if (least === Number.POSITIVE_INFINITY) throw new HyperError('refined: all gradient norms are 0');
  // Norms relative to the least, so that squares of huge or tiny ones stay finite; the scale cancels.
  const weights = smooth.map((x) => (least / Math.max(x, least)) ** (norm === 'l2' ? 2 : 1));
  const etas = new Array<number>(steps);
  let later = 0;
  for (let i = steps - 1; i >= 0; i--) {
    etas[i] = weights[i] * later;
    later += weights[i];
  }
  const scale = normalize ? Math.max(...etas) : later * least ** (norm === 'l2' ? 2 : 1);
  return etas.map((eta) => eta / scale);
}
