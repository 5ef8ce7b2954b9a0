/**
 * What the runner and a peer say to each other. Every peer (Thalweg too) is a process of its own, in whatever language: it reads one JSON
 * request a line from standard input and answers each with one JSON line on standard output; its standard error is shown when it fails.
 * Times are taken inside the peer around the steps alone, so the protocol costs nothing. While one peer works the others wait for input.
 */

/** A tensor in a workload's data file: row-major, little-endian, from `offset` bytes on. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly offset: number;
}

/**
 * One workload, as a JSON file that every peer reads. What its kind computes, to the letter, is said in `workloads/spec.ts`; sizes that
 * the tensors' shapes do not tell are in `numbers`.
 */
export interface StoredWorkload {
  readonly id: string;
  readonly kind: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** Steps after which the peers' values are compared; the first step of `load` counts. */
  readonly agreedSteps: number;
  /** Path of the data file, relative to the JSON file. */
  readonly file: string;
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

export type Request =
  /** What the peer is called in the tables, with its version: asked first, once. */
  | { readonly do: 'name' }
  /** Read a workload, compile it, take the first step; whatever was loaded before is dropped. */
  | { readonly do: 'load'; readonly workload: string }
  /** Take this many steps and wait for the last. */
  | { readonly do: 'run'; readonly steps: number }
  /** The number by which peers are compared, after the steps taken so far (the first step of `load` is one of them). */
  | { readonly do: 'check' }
  /** Memory of the process. */
  | { readonly do: 'memory' }
  | { readonly do: 'end' };

export type Answer =
  | { readonly name: string }
  /** `compile`: milliseconds from the data in memory to a program that can run; `first`: milliseconds of the first step. */
  | { readonly compile: number; readonly first: number }
  /** Milliseconds of all the steps asked for. */
  | { readonly ms: number }
  /** Null: not a number. */
  | { readonly value: number | null }
  /** Bytes resident now and at most so far. */
  | { readonly resident: number; readonly peak: number }
  /** This peer has no form of the workload; why, in a few words. */
  | { readonly unsupported: string }
  | { readonly error: string };
