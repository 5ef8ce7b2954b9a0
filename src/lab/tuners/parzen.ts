import { normalBelow, normalDensity, normalQuantile } from './normal.ts';

/**
 * Parzen estimator of a density on [0, 1]: a mixture of normal kernels cut off at 0 and 1, one at each observation, and a wide one in
 * the middle which is the prior (Bergstra, Bardenet, Bengio & Kégl 2011, 'Algorithms for hyper-parameter optimization', section 4.2, in
 * the form of Optuna's univariate estimator).
 */
export interface Parzen {
  /** They sum to 1. The last kernel is the prior. */
  readonly kernels: readonly Kernel[];
}

interface Kernel {
  readonly weight: number;
  readonly mean: number;
  readonly deviation: number;
  /** Its share of the normal distribution that lies below 0, and in [0, 1]. */
  readonly below: number;
  readonly inside: number;
  /** Of the density at its mean. */
  readonly height: number;
}

/** Observations from the oldest to the newest. Without any, the estimate is the prior. */
export function parzen(observations: readonly number[], priorWeight: number): Parzen {
  const deviations = kernelDeviations(observations);
  const weights = observations.length === 0 ? [1] : [...ageWeights(observations.length), priorWeight];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const kernels = [...observations, 0.5].map((mean, i) => {
    const deviation = deviations[i] ?? 1;
    const weight = weights[i] / sum;
    const below = normalBelow(-mean / deviation);
    const inside = normalBelow((1 - mean) / deviation) - below;
    return { weight, mean, deviation, below, inside, height: (weight * normalDensity(0)) / (deviation * inside) };
  });
  return { kernels };
}

/**
 * The distance to the farther of its two neighbours, of the first and the last one to its only neighbour, of a lone one to the farther
 * end; at least 1 / min(100, observations + 2), at most 1.
 */
export function kernelDeviations(observations: readonly number[]): number[] {
  if (observations.length === 1) return [Math.max(observations[0], 1 - observations[0])];
  const order = observations.map((_, i) => i).sort((a, b) => observations[a] - observations[b] || a - b);
  const least = 1 / Math.min(100, observations.length + 2);
  const deviations = observations.map(() => 0);
  for (const [place, i] of order.entries()) {
    const left = place > 0 ? observations[i] - observations[order[place - 1]] : 0;
    const right = place + 1 < order.length ? observations[order[place + 1]] - observations[i] : 0;
    deviations[i] = Math.max(least, left, right);
  }
  return deviations;
}

/** The newest 25 weigh 1; before them the weights rise in even steps from 1 / n, the oldest, to 1. */
export function ageWeights(n: number): number[] {
  const flat = 25;
  const ramp = n - flat;
  return Array.from({ length: n }, (_, i) => {
    if (i >= ramp) return 1;
    return ramp === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (ramp - 1);
  });
}

/** Logarithm of the density at x in [0, 1]. */
export function logDensity({ kernels }: Parzen, x: number): number {
  let density = 0;
  for (const { mean, deviation, height } of kernels) density += height * Math.exp(-0.5 * ((x - mean) / deviation) ** 2);
  return Math.log(density);
}

/** A number drawn from the estimate, given two that are uniform in [0, 1): one chooses the kernel, the other the place in it. */
export function drawFrom({ kernels }: Parzen, choice: number, place: number): number {
  let i = 0;
  for (let rest = choice - kernels[0].weight; rest >= 0 && i < kernels.length - 1; rest -= kernels[i].weight) i++;
  const kernel = kernels[i];
  const share = kernel.below + place * kernel.inside;
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  return Math.min(1, Math.max(0, kernel.mean + kernel.deviation * normalQuantile(share)));
}
