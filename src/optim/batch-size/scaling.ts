import { HyperError } from '../hyper.ts';

// Learning rate as a function of batch size. Granziol, Zohren & Roberts 2022, arXiv:2006.09092: the Hessian of a batch is that of all data and a
// noise matrix, whose size falls with the batch; its largest eigenvalue caps the rate.

export interface BatchSpectrum {
  /** The eigenvalue of the full Hessian that counts: its largest. */
  readonly lambda: number;
  /** Standard deviation of the elements of one example's Hessian. */
  readonly sigma: number;
  readonly parameters: number;
}

/** The batch as the theory counts it: B / (1 - B / N) of N examples without replacement, infinite for all of them; B of a stream. */
export const effectiveBatch = (batch: number, examples = Number.POSITIVE_INFINITY): number =>
  batch / (1 - batch / examples);

/**
 * The largest eigenvalue of a batch's Hessian: lambda + P sigma^2 / (b lambda) where lambda stands out of the noise, lambda > sqrt(P / b) sigma,
 * and otherwise the edge of the noise, 2 sqrt(P / b) sigma. `batch` is the effective one. UNVERIFIED: the constants are those of the spiked
 * symmetric matrix, checked numerically but not against the published theorem.
 */
export function batchEigenvalue({ lambda, sigma, parameters }: BatchSpectrum, batch: number): number {
  const edge = Math.sqrt(parameters / batch) * sigma;
  return lambda > edge ? lambda + edge ** 2 / lambda : 2 * edge;
}

/** The largest stable rate of SGD, 2 / lambda; of heavy ball 2 (1 + momentum) / lambda. */
export const largestRate = (lambda: number, momentum = 0): number => (2 * (1 + momentum)) / lambda;

/** How a rate follows the batch: in proportion (SGD), as its root (adaptive methods), or as the largest stable one does. */
export type ScalingRule = 'linear' | 'sqrt' | BatchSpectrum;

/** The learning rate for another batch size, from one that is good at batch `from`. */
export function scaleRate(lr: number, from: number, to: number, rule: ScalingRule): number {
  const wrong = [from, to].find((batch) => !(batch > 0));
  if (wrong !== undefined) throw new HyperError(`scaleRate: a batch size is ${wrong}; it must lie in (0, inf)`);
  if (rule === 'linear') return (lr * to) / from;
  if (rule === 'sqrt') return lr * Math.sqrt(to / from);
  return (lr * batchEigenvalue(rule, from)) / batchEigenvalue(rule, to);
}

/** The batch size near which linear scaling saturates: P sigma^2 / lambda^2. */
export const saturation = ({ lambda, sigma, parameters }: BatchSpectrum): number =>
  (parameters * sigma ** 2) / lambda ** 2;
