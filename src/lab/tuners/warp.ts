import { mean, median } from '../analysis/statistics.ts';
import { normalQuantile } from './normal.ts';

/**
 * Scores as a Gaussian process can learn from them, lower being better: the better half as it is, the worse half by rank only, then all
 * of them with mean 0 and variance 1. Training losses are good within a few percent or wildly off; without this, one run at 10^6 would
 * make all others look the same. In the manner of half-rank warping in Vizier (Song et al. 2024, The Vizier Gaussian process bandit
 * algorithm, arXiv:2408.11527): the j-th worst of m distinct scores above the median (of the finite ones) gets the median plus s z, z being the normal
 * quantile at distance (j - 1/2) / (2m + 1) from the upper end, and s the root mean square of the better half around the median.
 *
 * Infinite scores, of runs that diverged, are one rank, the worst. When no score is finite all are 0: nothing is known.
 */
export function warpScores(scores: readonly number[]): number[] {
  const finite = scores.filter(Number.isFinite);
  if (finite.length === 0) return scores.map(() => 0);
  const center = median(finite);
  const good = finite.filter((score) => score <= center);
  const scale = spread(good, center);
  const bad = [...new Set(scores.map((score) => (Number.isFinite(score) ? score : Number.POSITIVE_INFINITY)))]
    .filter((score) => score > center)
    .sort((a, b) => b - a);
  // From the median: beside a large one the steps between ranks would be rounded.
  const warped = scores.map((score) => {
    if (score <= center) return score - center;
    const j = bad.indexOf(Number.isFinite(score) ? score : Number.POSITIVE_INFINITY) + 1;
    return -scale * normalQuantile((j - 0.5) / (2 * bad.length + 1));
  });
  const middle = mean(warped);
  const deviation = spread(warped, middle);
  return warped.map((value) => (value - middle) / deviation);
}

/** Root mean square around a center; 1 where the values are one, or differ by so little that squares underflow. */
function spread(values: readonly number[], center: number): number {
  const rootMeanSquare = Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
  return rootMeanSquare > 1e-150 ? rootMeanSquare : 1;
}
