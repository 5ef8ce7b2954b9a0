import { concat } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';

const cuts = (n: number, size: number): [number, number][] =>
  Array.from({ length: Math.ceil(n / size) }, (_, i) => [i * size, Math.min(n, (i + 1) * size)]);

/** A matrix in blocks of at most size x size, row by row. */
export const toBlocks = (x: Tensor, size: number): Tensor[][] =>
  cuts(x.shape[0], size).map(([top, bottom]) =>
    cuts(x.shape[1], size).map(([left, right]) => x.slice([top, left], [bottom, right])),
  );

/** The matrix of blocks as `toBlocks` gives them. */
export const fromBlocks = (blocks: readonly (readonly Tensor[])[]): Tensor =>
  concat(
    blocks.map((row) => concat(row, 1)),
    0,
  );
