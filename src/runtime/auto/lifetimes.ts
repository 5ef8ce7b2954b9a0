import { bytesPerElement } from '../../tensor/dtype.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Allocate } from '../engine.ts';
import { HeapBuffer } from '../heap.ts';
import { Space } from '../space.ts';

/** A tensor that needs memory from one stage to another, both included. */
export interface Lifetime {
  readonly node: Tensor;
  readonly from: number;
  readonly to: number;
}

const alignment = 64;

/** Buffers in one allocation, where tensors that are never needed at the same time share places. */
export function buffersFor(lifetimes: readonly Lifetime[], allocate: Allocate): Map<Tensor, HeapBuffer> {
  const space = new Space();
  const offsets = new Map<Tensor, number>();
  const bytesOf = ({ size, dtype }: Tensor): number =>
    Math.ceil((size * bytesPerElement[dtype]) / alignment) * alignment;
  let live: Lifetime[] = [];
  for (const one of lifetimes.toSorted((a, b) => a.from - b.from)) {
    for (const { node, to } of live) if (to < one.from) space.give(offsets.get(node) as number, bytesOf(node));
    live = [...live.filter(({ to }) => to >= one.from), one];
    offsets.set(one.node, space.take(bytesOf(one.node)));
  }
  if (offsets.size === 0) return new Map();
  const { heap, offset } = allocate([space.bytes], 'uint8') as HeapBuffer;
  return new Map([...offsets].map(([node, at]) => [node, new HeapBuffer(heap, offset + at, node.shape, node.dtype)]));
}
