import { randomPermutation } from '../runtime/random.ts';
import { DataError } from './array-dataset.ts';

export interface SamplerOptions {
  /** Number of examples. */
  readonly size: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Streams of one seed are independent of each other. Default 'batch'. */
  readonly stream?: string;
}

/** Which examples each step takes. */
export interface Sampler {
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /**
   * The examples of a step, counted from 0. Depends on the options and the step alone, so a run resumed at step k needs no history.
   * The array is a view that the next call may change the meaning of: use it at once, do not write to it.
   */
  indices(step: number): Int32Array;
}

/**
 * Draws without replacement: each epoch goes through a fresh permutation of the examples. Batches are always full, so the last
 * `size mod batchSize` examples of an epoch's permutation sit that epoch out.
 */
export function epochSampler({ size, batchSize, seed, stream = 'batch' }: SamplerOptions): Sampler {
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= size)) {
    throw new DataError(`epochSampler: the batch size is ${batchSize}; it must be a whole number in [1, ${size}]`);
  }
  const stepsPerEpoch = Math.floor(size / batchSize);
  let epoch = -1;
  let order: Int32Array = new Int32Array(0);
  return {
    batchSize,
    stepsPerEpoch,
    indices(step) {
      if (!(Number.isInteger(step) && step >= 0)) {
        throw new DataError(`epochSampler: the step is ${step}; it must be a whole number from 0`);
      }
      const wanted = Math.floor(step / stepsPerEpoch);
      if (wanted !== epoch) {
        order = randomPermutation(size, { seed, stream, step: wanted });
        epoch = wanted;
      }
      const start = (step - wanted * stepsPerEpoch) * batchSize;
      return order.subarray(start, start + batchSize);
    },
  };
}
