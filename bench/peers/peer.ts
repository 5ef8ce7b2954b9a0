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

/** The root mean square of (w now - w at the start): the value of an `update`. */
export function rootMeanSquareMove(
  pairs: Iterable<readonly [now: ArrayLike<number>, start: ArrayLike<number>]>,
): number {
  let [sum, count] = [0, 0];
  for (const [now, start] of pairs) {
    for (let i = 0; i < now.length; i++) sum += (now[i] - start[i]) ** 2;
    count += now.length;
  }
  return Math.sqrt(sum / count);
}
