import type { Tensor } from './tensor.ts';

/** A tensor without lanes, repeated for each of them along a new axis 0. */
export const addLane = (x: Tensor, size: number): Tensor => x.broadcastTo([size, ...x.shape]);

/** The inputs of a node on many lanes. */
export interface Operands {
  readonly inputs: readonly Tensor[];
  /** Which of them have a value for each lane. */
  readonly batched: readonly boolean[];
  readonly size: number;
}

/** What has no lanes is repeated for all. */
export const allBatched = ({ inputs, batched, size }: Operands): Tensor[] =>
  inputs.map((x, i) => (batched[i] ? x : addLane(x, size)));

/** Puts axes of size 1 between the lanes and the rest, until one lane has this rank. */
export const alignRank = (x: Tensor, rank: number): Tensor =>
  x.reshape([x.shape[0], ...Array<number>(Math.max(0, rank - (x.rank - 1))).fill(1), ...x.shape.slice(1)]);

/** Moves one axis to another place; the others keep their order. */
export function lanesTo(x: Tensor, from: number, to: number): Tensor {
  const permutation = [...x.shape.keys()].filter((axis) => axis !== from);
  permutation.splice(to, 0, from);
  return x.transpose(permutation);
}

/** Makes axes `axis` and `axis + 1` one. */
export const merge = (x: Tensor, axis: number): Tensor =>
  x.reshape([...x.shape.slice(0, axis), x.shape[axis] * x.shape[axis + 1], ...x.shape.slice(axis + 2)]);

/** Parts one axis into [lanes, the rest]: the inverse of `merge`. */
export const spread = (x: Tensor, axis: number, lanes: number): Tensor =>
  x.reshape([...x.shape.slice(0, axis), lanes, x.shape[axis] / lanes, ...x.shape.slice(axis + 1)]);
