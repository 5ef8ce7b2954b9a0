import { fitLine, minimise } from './exponents.ts';

/**
 * How much more data a baseline would need to reach the loss of another method (Wen, Hall, Ma & Liang 2025, arXiv:2509.02046, section on
 * speed-up): L(D) = alpha D^-B + beta is fitted to the losses of the baseline at several amounts of data D for one model size;
 * D_eff = ((L - beta) / alpha)^(-1/B) is the data at which the baseline would have the loss L, and D_eff / D the speed-up.
 */
export interface LossLaw {
  readonly alpha: number;
  /** B. */
  readonly exponent: number;
  /** beta: the loss with endless data. */
  readonly floor: number;
}

export const lossAt = ({ alpha, exponent, floor }: LossLaw, data: number): number => alpha * data ** -exponent + floor;

/** D_eff; infinite for a loss at or below the floor, which no amount of data gives the baseline. */
export const dataEquivalent = ({ alpha, exponent, floor }: LossLaw, loss: number): number =>
  loss > floor ? ((loss - floor) / alpha) ** (-1 / exponent) : Number.POSITIVE_INFINITY;

export interface LossPoint {
  readonly data: number;
  readonly loss: number;
}

/** Exponents that are searched. A fit at either end says that the losses do not have the form of the law. */
const least = Math.log(0.02);
const most = Math.log(8);

/** The law that fits losses best, by least squares; or why there is none, in words. */
export function fitLossLaw(points: readonly LossPoint[]): LossLaw | string {
  const sound = points.filter(({ loss }) => Number.isFinite(loss));
  const amounts = new Set(sound.map(({ data }) => data));
  if (amounts.size < 3) return 'the baseline has sound losses for fewer than three amounts of data';
  const losses = sound.map(({ loss }) => loss);
  const lineFor = (logExponent: number) =>
    fitLine(
      sound.map(({ data }) => data ** -Math.exp(logExponent)),
      losses,
    );
  const logExponent = minimise((x) => lineFor(x).residual, least, most);
  const { slope, intercept } = lineFor(logExponent);
  if (slope <= 0) return 'the baseline does not get better with more data';
  if (logExponent > most - 1e-3) return 'the baseline gets no better beyond the second amount of data';
  if (logExponent < least + 1e-3)
    return 'the loss of the baseline falls by as much with every doubling of the data, or more';
  return { alpha: slope, exponent: Math.exp(logExponent), floor: intercept };
}
