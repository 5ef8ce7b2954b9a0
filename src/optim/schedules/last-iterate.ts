import { HyperError } from '../hyper.ts';

export interface LastIterateOptions {
  /** Bounds of the gradient's norm at each step, G_t. Default: 1 throughout. */
  readonly norms?: readonly number[];
  /** Distance from the start to a minimiser, D. Default 1. */
  readonly distance?: number;
}

const positiveRates = (rates: readonly number[]): void => {
  const last = rates.at(-1) ?? 0;
  // The bound divides by the sum of the rates from each step on.
  if (!(last > 0)) throw new HyperError(`last-iterate bound: the last rate is ${last}; it must lie in (0, inf)`);
};

/** The two parts of the bound: that which falls with the scale of the rates, and that which grows with it. */
function parts(
  rates: readonly number[],
  { norms = [], distance = 1 }: LastIterateOptions,
): { fall: number; rise: number } {
  positiveRates(rates);
  const noise = rates.map((eta, i) => (eta * (norms[i] ?? 1)) ** 2);
  // Sums over step k and all later ones.
  const fromHere = (row: readonly number[]): number[] => {
    const sums = [...row];
    for (let k = sums.length - 2; k >= 0; k--) sums[k] += sums[k + 1];
    return sums;
  };
  const left = fromHere(rates);
  const noiseLeft = fromHere(noise);
  const fall = distance ** 2 / (2 * left[0]);
  let rise = noiseLeft[0] / (2 * left[0]);
  for (let k = 0; k < rates.length - 1; k++) rise += (0.5 * (rates[k] / left[k + 1]) * noiseLeft[k]) / left[k];
  return { fall, rise };
}

/**
 * How far the last iterate of SGD may be from the best loss under a schedule: f convex, |g_t| <= G_t, |w_1 - w*| <= D. Defazio et al. 2023,
 * arXiv:2310.07831, Theorem 10; Schaipp et al. 2025, arXiv:2501.18965.
 *
 *   D^2 / (2 S) + sum_t eta_t^2 G_t^2 / (2 S) + 1/2 sum_{k < T} eta_k / (sum_{t > k} eta_t) (sum_{t >= k} eta_t^2 G_t^2) / (sum_{t >= k} eta_t)
 *
 * with S = sum_t eta_t. The last rate must be positive: for linear decay take 1 - t / (T + 1).
 */
export function lastIterateBound(rates: readonly number[], options: LastIterateOptions = {}): number {
  const { fall, rise } = parts(rates, options);
  return fall + rise;
}

/** The factor for all rates that makes the bound least, sqrt(A / B) for a bound A / c + c B, and the bound there, 2 sqrt(A B). */
export function bestScale(
  rates: readonly number[],
  options: LastIterateOptions = {},
): { scale: number; bound: number } {
  const { fall, rise } = parts(rates, options);
  return { scale: Math.sqrt(fall / rise), bound: 2 * Math.sqrt(fall * rise) };
}

/**
 * AdamW's weights as an average of its updates: w_t = (1 - a_t) w_{t-1} + a_t x_t with a_t = lr_t weightDecay and x_t = -step_t / weightDecay.
 * How much of the last weights each update makes up, a_i prod_{j > i} (1 - a_j), and how much the start, prod_j (1 - a_j). Bergsma et al. 2025,
 * arXiv:2502.15938: why decay to zero averages over more updates.
 */
export function emaCoefficients(rates: readonly number[], weightDecay: number): { updates: number[]; start: number } {
  let left = 1;
  const updates = new Array<number>(rates.length);
  for (let i = rates.length - 1; i >= 0; i--) {
    const a = rates[i] * weightDecay;
    updates[i] = a * left;
    left *= 1 - a;
  }
  return { updates, start: left };
}
