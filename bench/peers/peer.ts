import type { StoredWorkload } from '../protocol.ts';

/** A StoredWorkload whose tensors are in memory. */
export interface Workload extends Omit<StoredWorkload, 'tensors' | 'file'> {
  readonly tensors: Readonly<Record<string, WorkloadTensor>>;
}

export interface WorkloadTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}

/** A workload loaded by a peer. */
export interface Loaded {
  /** Take `count` steps; what they compute is in memory when the call returns (or its promise is fulfilled). */
  run(count: number): void | Promise<void>;
  /** The number by which peers are compared, after the steps so far. */
  check(): number | Promise<number>;
  /** Give everything back. */
  dispose(): void;
}

/** What a peer file exports as `peer`. */
export interface Peer {
  /** For the table, with its version: '@jax-js/jax 0.1.25 (wasm)'. */
  readonly name: string;
  /** Builds and compiles, takes no step; throws `Unsupported` for what the peer cannot do. */
  load(workload: Workload): Promise<Loaded>;
}

/** A peer has no form of a workload; the message says why, in a few words. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** The value of an `update`, from all of its parameters as they are now. */
export function descent(tensors: Workload['tensors'], now: ReadonlyMap<string, ArrayLike<number>>): number {
  let [sum, count] = [0, 0];
  for (const [name, w] of now) {
    const [start, g] = [tensors[name].data, tensors[gradientOf(name)].data];
    for (let i = 0; i < w.length; i++) sum += (start[i] - w[i]) * (start[i] + 10 * g[i]);
    count += w.length;
  }
  return sum / count;
}

/** The parameters of an `update` are `w0, w1, ...`, their gradients after the first step `g0, g1, ...`. */
export const isParameter = (name: string): boolean => name.startsWith('w');
export const gradientOf = (name: string): string => name.replace('w', 'g');
