import { invert } from './cholesky.ts';
import { normalBelow, normalDensity } from './normal.ts';
import type { Point } from './rounds.ts';

/** Gaussian-process regression with mean 0 (Rasmussen & Williams 2006, Gaussian processes for machine learning, chapters 2, 4 and 5). */

/** Covariance of two values: `variance` times the Matérn-5/2 correlation of their scaled distance; observations have `noise` besides. */
export interface Kernel {
  /** Length scale of each dimension. */
  readonly lengths: readonly number[];
  readonly variance: number;
  /** Variance of the noise of an observation. */
  readonly noise: number;
}

export interface Prediction {
  readonly mean: number;
  /** Of the function itself, without noise. */
  readonly deviation: number;
}

export interface Posterior {
  predict(x: Point): Prediction;
  /** Of the observations under the kernel: ln p(y | X). */
  readonly logLikelihood: number;
  /** Its derivatives by the logarithms of the lengths, the variance and the noise, in this order. */
  gradient(): Float64Array;
}

/** Matérn-5/2 correlation at sqrt(5) times a scaled distance: (1 + r + r^2 / 3) exp(-r) (Rasmussen & Williams, equation 4.17). */
export const matern = (r: number): number => (1 + r + (r * r) / 3) * Math.exp(-r);

function scaledDistance(a: Point, b: Point, lengths: readonly number[]): number {
  let sum = 0;
  for (let d = 0; d < lengths.length; d++) sum += ((a[d] - b[d]) / lengths[d]) ** 2;
  return Math.sqrt(5 * sum);
}

/** The process given observations. Null where the covariance is not positive definite in float64: too little noise. */
export function condition(points: readonly Point[], values: ArrayLike<number>, kernel: Kernel): Posterior | null {
  const { lengths, variance, noise } = kernel;
  const n = points.length;
  const distances = new Float64Array(n * n);
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const r = scaledDistance(points[i], points[j], lengths);
      distances[i * n + j] = distances[j * n + i] = r;
      covariance[i * n + j] = covariance[j * n + i] = variance * matern(r) + (i === j ? noise : 0);
    }
  }
  const inverted = invert(covariance, n);
  if (inverted === null) return null;
  const { inverse: precision, logDeterminant } = inverted;
  const weights = product(precision, values, n);

  let fit = 0;
  for (let i = 0; i < n; i++) fit += values[i] * weights[i];

  return {
    logLikelihood: -0.5 * (fit + logDeterminant + n * Math.log(2 * Math.PI)),
    predict(x) {
      const between = points.map((point) => variance * matern(scaledDistance(point, x, lengths)));
      let mean = 0;
      for (let i = 0; i < n; i++) mean += between[i] * weights[i];
      let explained = 0;
      const solved = product(precision, between, n);
      for (let i = 0; i < n; i++) explained += between[i] * solved[i];
      return { mean, deviation: Math.sqrt(Math.max(0, variance - explained)) };
    },
    // Half the trace of (w w^T - K^-1) dK/dtheta, w = K^-1 y: equation 5.9.
    gradient() {
      const dimensions = lengths.length;
      const gradient = new Float64Array(dimensions + 2);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const outer = 0.5 * (weights[i] * weights[j] - precision[i * n + j]);
          const r = distances[i * n + j];
          const decay = variance * Math.exp(-r);
          for (let d = 0; d < dimensions; d++) {
            const scaled = (points[i][d] - points[j][d]) / lengths[d];
            gradient[d] += outer * decay * (5 / 3) * (1 + r) * scaled * scaled;
          }
          gradient[dimensions] += outer * decay * (1 + r + (r * r) / 3);
        }
        gradient[dimensions + 1] += 0.5 * (weights[i] * weights[i] - precision[i * n + i]) * noise;
      }
      return gradient;
    },
  };
}

/** A square matrix, row by row, times a vector. */
function product(matrix: Float64Array, vector: ArrayLike<number>, n: number): Float64Array {
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[i] += matrix[i * n + j] * vector[j];
  return result;
}

/**
 * Expected improvement below `best` (Jones, Schonlau & Welch 1998, equation 15): E[max(0, best - margin - f)]. A larger margin explores
 * more.
 */
export function expectedImprovement({ mean, deviation }: Prediction, best: number, margin = 0): number {
  const gain = best - margin - mean;
  if (deviation === 0) return Math.max(0, gain);
  return gain * normalBelow(gain / deviation) + deviation * normalDensity(gain / deviation);
}
