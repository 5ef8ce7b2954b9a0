import type { Tensor } from '../../tensor/tensor.ts';

// Sampling by multiplication, the noisy sibling of egd. Shetty, Prasath & Seelamantula 2025, arXiv:2510.02730. `hyvarinen` is x grad log p_t(x)
// throughout; t runs from T down to 0 in steps of `delta`.

/** The geometric Brownian motion dX = mu X dt + sigma X dW that turns data into noise. The authors take sigma 0.8 and mu = sigma^2 / 2. */
export interface GeometricBrownian {
  readonly sigma: number;
  readonly mu: number;
}

export interface SamplerStep extends GeometricBrownian {
  readonly delta: number;
  /** Scales the noise; 0 makes the step a denoiser. Default 1. */
  readonly anneal?: number;
}

/** X_t of data x0: x0 exp((mu - sigma^2 / 2) t + sigma sqrt(t) z), z standard normal. */
export const geometricNoise = (x0: Tensor, z: Tensor, t: number, { sigma, mu }: GeometricBrownian): Tensor =>
  x0.mul(
    z
      .mul(sigma * Math.sqrt(t))
      .add((mu - sigma ** 2 / 2) * t)
      .exp(),
  );

/** x grad log p(x_t | x_0) = -(ln(x_t / x_0) - mu t + 1.5 sigma^2 t) / (sigma^2 t), which is -(1 + z / (sigma sqrt(t))). */
export const conditionalScore = (xt: Tensor, x0: Tensor, t: number, { sigma, mu }: GeometricBrownian): Tensor =>
  xt
    .div(x0)
    .log()
    .add((1.5 * sigma ** 2 - mu) * t)
    .div(-(sigma ** 2) * t);

/**
 * The loss that trains a network to answer x grad log p_t(x): multiplicative denoising score matching, the mean over samples [n, d] of
 * |sigma^2 t (answer - conditional score)|^2 summed over d.
 */
export const scoreMatchingLoss = (
  hyvarinen: Tensor,
  xt: Tensor,
  x0: Tensor,
  t: number,
  motion: GeometricBrownian,
): Tensor =>
  hyvarinen
    .sub(conditionalScore(xt, x0, t, motion))
    .mul(motion.sigma ** 2 * t)
    .square()
    .sum(-1)
    .mean();

/** Keeps signs, from the equation of ln x: x exp(delta sigma^2 h - delta (mu - 1.5 sigma^2) + anneal sqrt(delta) sigma z). */
export const daleLangevinStep = (
  x: Tensor,
  hyvarinen: Tensor,
  z: Tensor,
  { sigma, mu, delta, anneal = 1 }: SamplerStep,
): Tensor => {
  const drift = hyvarinen.mul(delta * sigma ** 2).sub(delta * (mu - 1.5 * sigma ** 2));
  return x.mul(drift.add(z.mul(anneal * Math.sqrt(delta) * sigma)).exp());
};

/** Euler's step of x itself, which may change signs: x (1 + 2 delta sigma^2 - delta mu + delta sigma^2 h + anneal sqrt(delta) sigma z). */
export const multiplicativeLangevinStep = (
  x: Tensor,
  hyvarinen: Tensor,
  z: Tensor,
  { sigma, mu, delta, anneal = 1 }: SamplerStep,
): Tensor => {
  const drift = hyvarinen.mul(delta * sigma ** 2).add(delta * (2 * sigma ** 2 - mu));
  return x.mul(drift.add(z.mul(anneal * Math.sqrt(delta) * sigma)).add(1));
};
