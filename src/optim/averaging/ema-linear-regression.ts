/** One eigendirection of a linear regression that SGD solves one example at a time, from an error e0. */
export interface Direction {
  /** Eigenvalue of the covariance of the inputs. */
  readonly lambda: number;
  /** Step size. */
  readonly eta: number;
  /** Decay of the moving average. */
  readonly alpha: number;
  /** Variance of the label noise. */
  readonly noise: number;
  readonly e0: number;
}

export interface Moments {
  readonly bias: number;
  readonly variance: number;
}

/**
 * Error after t steps of SGD, of the moving average of its iterates (from w_0), and of their mean: what an average of weights can and cannot do,
 * exactly. Li et al. 2025, arXiv:2502.14123. With r = 1 - eta lambda the error is e_t = r e_{t-1} + noise of variance eta^2 sigma^2 lambda,
 * additive (the variance of the inputs themselves is left out), and
 *
 *   SGD      bias r^t e0,  variance eta sigma^2 (1 - r^{2t}) / (2 - eta lambda)
 *   EMA      bias (alpha^t + (1 - alpha) sum_k alpha^{t-k} r^k) e0: it falls as max(alpha, r)^t
 *   average  bias (1/t) sum_k r^k e0: it falls as 1/t only
 *
 * The paper's index in its average (w_t or w_{t-1}) is not verified; this takes w_t.
 */
export function linearRegressionErrors(
  { lambda, eta, alpha, noise, e0 }: Direction,
  t: number,
): Record<'sgd' | 'ema' | 'average', Moments> {
  const r = 1 - eta * lambda;
  const fresh = eta ** 2 * noise * lambda;
  let power = 1;
  let share = 0;
  let geometric = 0;
  const variance = { sgd: 0, ema: 0, average: 0 };
  // The noise of m steps ago has come into SGD r^m times, into the moving average `share`, into the sum of all iterates `geometric`.
  for (let m = 0; m < t; m++) {
    share = alpha * share + (1 - alpha) * power;
    geometric += power;
    variance.sgd += fresh * power ** 2;
    variance.ema += fresh * share ** 2;
    variance.average += fresh * (geometric / t) ** 2;
    power *= r;
  }
  return {
    sgd: { bias: power * e0, variance: variance.sgd },
    // The sum over k of alpha^{t-k} r^k begins at k = 1: the last `share`, one r later.
    ema: { bias: (alpha ** t + share * r) * e0, variance: variance.ema },
    average: { bias: ((geometric * r) / t) * e0, variance: variance.average },
  };
}

/** Variances that SGD and its moving average come to; the average's is always smaller. */
export function stationaryVariances({ lambda, eta, alpha, noise }: Omit<Direction, 'e0'>): {
  sgd: number;
  ema: number;
} {
  const r = 1 - eta * lambda;
  const sgd = (eta * noise) / (2 - eta * lambda);
  return { sgd, ema: (((sgd * (1 - alpha)) / (1 + alpha)) * (1 + alpha * r)) / (1 - alpha * r) };
}

/** Excess risk, the sum over directions of lambda (bias^2 + variance) / 2. */
export const excessRisk = (directions: readonly (Moments & Pick<Direction, 'lambda'>)[]): number =>
  directions.reduce((sum, { lambda, bias, variance }) => sum + (lambda * (bias ** 2 + variance)) / 2, 0);
