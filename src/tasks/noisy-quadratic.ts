import { constant } from '../tensor/functions.ts';
import { defineFunction } from './define-function.ts';
import type { Task } from './task.ts';

export interface NoisyQuadraticOptions {
  /** Default 1000. */
  dimension?: number;
  /** Scale of the gradient noise; 0 leaves none. Default 1. */
  noise?: number;
  /** Examples that a step is thought to average: the variance of the noise is divided by it. Default 1. */
  averaged?: number;
}

/**
 * The noisy quadratic model: f(w) = ½ Σ h_i w_i² with curvatures h_i = 1 / i, whose gradient in training is h_i w_i plus Gaussian noise of
 * variance noise² h_i / averaged. Starts at N(0, I); the value without noise counts in evaluation.
 * Zhang et al. 2019, arXiv:1907.04164, section 3: it predicts how methods profit from larger batches.
 */
export function noisyQuadratic({ dimension = 1000, noise = 1, averaged = 1 }: NoisyQuadraticOptions = {}): Task {
  for (const [name, value, legal] of [
    ['dimension', dimension, Number.isInteger(dimension) && dimension >= 1],
    ['noise', noise, noise >= 0],
    ['averaged', averaged, averaged > 0],
  ] as const) {
    const range = { dimension: 'a whole number from 1', noise: 'in [0, ∞)', averaged: 'in (0, ∞)' }[name];
    if (!legal) throw new RangeError(`noisyQuadratic: ${name} is ${value}; it must be ${range}`);
  }
  const curvatures = Array.from({ length: dimension }, (_, i) => 1 / (i + 1));
  const deviations = curvatures.map((h) => noise * Math.sqrt(h / averaged));
  return defineFunction({
    id: 'noisy-quadratic',
    summary: `A quadratic in ${dimension} dimensions whose gradients are noisy`,
    dimension,
    start: { kind: 'normal', mean: 0, std: 1 },
    value: (w, { training, random }) => {
      const { dtype } = w;
      const value = w.square().mul(constant(curvatures, { dtype })).sum().mul(0.5);
      if (!training || noise === 0) return value;
      const xi = random.normal([dimension], dtype).mul(constant(deviations, { dtype }));
      return value.add(xi.dot(w));
    },
    steps: 1000,
    target: 0.5,
  });
}
