import { fillRandom } from '../runtime/random.ts';
import { constant } from '../tensor/functions.ts';
import { defineFunction } from './define-function.ts';
import type { Task } from './task.ts';

export interface QuadraticOptions {
  /** Default 100. */
  dimension?: number;
  /** Largest over smallest eigenvalue of the Hessian, from 1. Default 1000. */
  condition?: number;
  /** Draws the eigenvectors; null takes the axes. Default 0. */
  seed?: number | null;
}

/**
 * f(w) = ½ wᵀ Q diag(λ) Qᵀ w: eigenvalues λ from 1 down to 1 / condition, equally spaced in their logarithms; Q a random rotation. Starts at
 * the sum of all eigenvectors, so every eigendirection starts at distance 1. The minimum is 0 at the origin.
 * Computed as ½ Σ λ (Qᵀw)², which float32 cannot make negative.
 */
export function quadratic({ dimension = 100, condition = 1000, seed = 0 }: QuadraticOptions = {}): Task {
  if (!(Number.isInteger(dimension) && dimension >= 1)) {
    throw new RangeError(`quadratic: dimension is ${dimension}; it must be a whole number from 1`);
  }
  if (!(condition >= 1)) throw new RangeError(`quadratic: condition is ${condition}; it must lie in [1, ∞)`);
  const eigenvalues = Array.from({ length: dimension }, (_, i) => condition ** (-i / Math.max(1, dimension - 1)));
  const rows = seed === null ? null : randomRotation(dimension, seed);
  const start = rows
    ? Array.from({ length: dimension }, (_, i) => rows.reduce((sum, row) => sum + row[i], 0))
    : new Array<number>(dimension).fill(1);
  const flatRows = rows?.flatMap((row) => Array.from(row));
  return defineFunction({
    id: 'quadratic',
    summary: `A quadratic in ${dimension} dimensions, condition number ${condition}`,
    dimension,
    start: { kind: 'values', values: start },
    value: (w) => {
      const { dtype } = w;
      const z = flatRows
        ? constant(flatRows, { shape: [dimension, dimension], dtype })
            .matmul(w.reshape([dimension, 1]))
            .reshape([dimension])
        : w;
      return z.square().mul(constant(eigenvalues, { dtype })).sum().mul(0.5);
    },
    steps: 500,
    target: 1e-4,
  });
}

/**
 * Orthonormal rows, uniform over all rotations and reflections: Gaussian rows made orthogonal by Gram & Schmidt, each twice ("twice is
 * enough", Giraud et al. 2005).
 */
function randomRotation(dimension: number, seed: number): Float64Array[] {
  const rows: Float64Array[] = [];
  for (let i = 0; i < dimension; i++) {
    const row = new Float64Array(dimension);
    fillRandom(row, 'normal', { seed, stream: 'rotation', step: i });
    for (let pass = 0; pass < 2; pass++) {
      for (const before of rows) {
        const along = dot(row, before);
        for (let k = 0; k < dimension; k++) row[k] -= along * before[k];
      }
    }
    const norm = Math.sqrt(dot(row, row));
    rows.push(row.map((x) => x / norm));
  }
  return rows;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, k) => sum + x * b[k], 0);
