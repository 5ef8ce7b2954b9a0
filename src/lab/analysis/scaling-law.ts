import { fitLine, minimise } from './exponents.ts';

/**
 * The best value of a hyperparameter as a function of scale: h(N, D) = a N^-A D^-B + b for models with N parameters and D amounts of data
 * (Wen, Hall, Ma & Liang 2025, arXiv:2509.02046, phase III).
 */
export interface ScalingLaw {
  readonly a: number;
  /** A. */
  readonly sizeExponent: number;
  /** B. */
  readonly dataExponent: number;
  readonly b: number;
}

export const valueAt = ({ a, sizeExponent, dataExponent, b }: ScalingLaw, size: number, data: number): number =>
  a * size ** -sizeExponent * data ** -dataExponent + b;

export interface ScalePoint {
  readonly size: number;
  readonly data: number;
  readonly value: number;
}

/** Exponents from -most to most are searched. */
const most = 3;

/**
 * The law that fits best, by least squares; or why there is none, in words. Sizes and amounts enter relative to their geometric means, so
 * that the coefficient does not overflow; `a` is that of the law as it is written.
 */
export function fitScalingLaw(points: readonly ScalePoint[]): ScalingLaw | string {
  const sizes = new Set(points.map(({ size }) => size)).size;
  const amounts = new Set(points.map(({ data }) => data)).size;
  if (points.length < 5) return 'fewer than five scales, for a law of four numbers';
  if (sizes < 2 || amounts < 2) return 'it takes two sizes and two amounts of data';
  const middleSize = Math.exp(mean(points.map(({ size }) => Math.log(size))));
  const middleData = Math.exp(mean(points.map(({ data }) => Math.log(data))));
  const values = points.map(({ value }) => value);
  if (values.every((value) => value === values[0])) return { a: 0, sizeExponent: 0, dataExponent: 0, b: values[0] };
  const lineFor = (sizeExponent: number, dataExponent: number) =>
    fitLine(
      points.map(({ size, data }) => (size / middleSize) ** -sizeExponent * (data / middleData) ** -dataExponent),
      values,
    );
  // For each exponent of size the best one of data: two searches in one variable, one inside the other.
  const dataFor = (sizeExponent: number): number =>
    minimise((dataExponent) => lineFor(sizeExponent, dataExponent).residual, -most, most);
  const sizeExponent = minimise((candidate) => lineFor(candidate, dataFor(candidate)).residual, -most, most);
  const dataExponent = dataFor(sizeExponent);
  const { slope, intercept } = lineFor(sizeExponent, dataExponent);
  if (Math.max(Math.abs(sizeExponent), Math.abs(dataExponent)) > most - 1e-3) {
    return 'no such law fits: an exponent leaves every bound';
  }
  return {
    a: slope * middleSize ** sizeExponent * middleData ** dataExponent,
    sizeExponent,
    dataExponent,
    b: intercept,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
