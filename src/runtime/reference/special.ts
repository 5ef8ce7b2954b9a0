/** sqrt(2 / pi) and friends come from these two. */
const twoOverRootPi = 2 / Math.sqrt(Math.PI);
const oneOverRootPi = 1 / Math.sqrt(Math.PI);

/**
 * The error function. Up to 2.5 by the series of Abramowitz & Stegun 7.1.6, whose terms are all positive, so nothing cancels;
 * beyond as 1 - erfc. Relative error below 1e-15.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 2.5) return Math.sign(x) * (1 - erfcTail(size));
  return twoOverRootPi * Math.exp(-x * x) * seriesSum(x);
}

/** 1 - erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  return x > 2.5 ? erfcTail(x) : 1 - erf(x);
}

/** sum over n of 2^n x^(2n + 1) / (1 * 3 * 5 * ... * (2n + 1)). */
function seriesSum(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return sum;
}

/** erfc(x) for x > 2.5 by the continued fraction of Abramowitz & Stegun 7.1.14, evaluated from a fixed depth upward. */
function erfcTail(x: number): number {
  if (x > 28) return 0; // below the smallest float64
  let fraction = x;
  for (let k = 80; k >= 1; k--) fraction = x + k / 2 / fraction;
  return (oneOverRootPi * Math.exp(-x * x)) / fraction;
}
