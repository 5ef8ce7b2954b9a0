/**
 * Least squares for laws with a few exponents: for given exponents the coefficients a and b of a x + b follow in closed form, so the
 * search is over the exponents alone (variable projection, Golub & Pereyra 1973).
 */

export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Sum of squared residuals. */
  readonly residual: number;
}

/** The least-squares line. A slope of 0 where all x are the same. */
export function fitLine(x: readonly number[], y: readonly number[]): Line {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
  }
  const slope = xx > 0 ? xy / xx : 0;
  const intercept = meanY - slope * meanX;
  const residual = y.reduce((sum, value, i) => sum + (value - slope * x[i] - intercept) ** 2, 0);
  return { slope, intercept, residual };
}

/** The least value of a function on [low, high]: the best of `points` places, refined by golden sections between its neighbours. */
export function minimise(of: (x: number) => number, low: number, high: number, points = 60): number {
  const at = (i: number): number => low + ((high - low) * i) / (points - 1);
  let best = 0;
  let least = of(low);
  for (let i = 1; i < points; i++) {
    const value = of(at(i));
    if (value < least) {
      best = i;
      least = value;
    }
  }
  const ratio = (Math.sqrt(5) - 1) / 2;
  let a = at(Math.max(0, best - 1));
  let b = at(Math.min(points - 1, best + 1));
  for (let i = 0; i < 45; i++) {
    const left = b - ratio * (b - a);
    const right = a + ratio * (b - a);
    if (of(left) <= of(right)) b = right;
    else a = left;
  }
  return (a + b) / 2;
}
