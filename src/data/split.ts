import { randomPermutation } from '../runtime/random.ts';
import { DataError } from './array-dataset.ts';
import type { Dataset, Splits } from './dataset.ts';

/** The examples at `indices`, in that order; nothing is copied. */
export const subset = (dataset: Dataset, indices: ArrayLike<number>): Dataset => ({
  size: indices.length,
  fields: dataset.fields,
  read(chosen, field, target) {
    const own = new Int32Array(chosen.length);
    for (let i = 0; i < own.length; i++) own[i] = indices[chosen[i]];
    dataset.read(own, field, target);
  },
});

/** Examples `start` to `end` (exclusive); nothing is copied. */
export function slice(dataset: Dataset, start: number, end: number = dataset.size): Dataset {
  if (!(start >= 0 && start <= end && end <= dataset.size)) {
    throw new DataError(`slice: ${start} to ${end} leaves a dataset of ${dataset.size} examples`);
  }
  return {
    size: end - start,
    fields: dataset.fields,
    read(chosen, field, target) {
      const own = new Int32Array(chosen.length);
      for (let i = 0; i < own.length; i++) own[i] = start + chosen[i];
      dataset.read(own, field, target);
    },
  };
}

/** At most `count` examples, evenly spread over the dataset: a cheaper validation set. */
export function thin(dataset: Dataset, count: number): Dataset {
  if (count >= dataset.size) return dataset;
  return subset(
    dataset,
    Int32Array.from({ length: count }, (_, i) => Math.floor((i * dataset.size) / count)),
  );
}

/** In the order of a permutation drawn from the seed. */
export const shuffled = (dataset: Dataset, seed: number): Dataset =>
  subset(dataset, randomPermutation(dataset.size, { seed, stream: 'shuffled', step: 0 }));

export interface SplitOptions {
  /** Share of the examples, from 0 to 1. Default 0.1. */
  validation?: number;
  /** Default 0.1. */
  test?: number;
  /** Shuffles before splitting; null keeps the order, the training examples first and the test examples last. Default 0. */
  seed?: number | null;
}

/** Parts a dataset into the three splits; training takes what the others leave. */
export function split(dataset: Dataset, { validation = 0.1, test = 0.1, seed = 0 }: SplitOptions = {}): Splits {
  const { size } = dataset;
  const held = { validation: Math.round(size * validation), test: Math.round(size * test) };
  const train = size - held.validation - held.test;
  if (!(held.validation >= 1 && held.test >= 1 && train >= 1)) {
    const got = `train ${train}, validation ${held.validation}, test ${held.test}`;
    throw new DataError(`split: ${size} examples must leave at least one for each part; got ${got}`);
  }
  const ordered = seed === null ? dataset : shuffled(dataset, seed);
  return {
    train: slice(ordered, 0, train),
    validation: slice(ordered, train, train + held.validation),
    test: slice(ordered, train + held.validation),
  };
}
