import { bytesPerElement } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { Space } from '../space.ts';
import { isImmediate } from './immediate.ts';
import { type ConstantValue, operandsOf, type Value } from './ir.ts';
import { hasWorkspace, type Kernel, ownBytes } from './kernel.ts';
import type { Access, LoopKernel } from './loop.ts';

/** Where a value lies: in the nth bound buffer, or at an offset of the workspace or of the constants. */
export type Home =
  | { readonly space: 'input' | 'output'; readonly index: number }
  | { readonly space: 'scratch' | 'constant'; readonly offset: number };

export interface Placement {
  readonly homes: ReadonlyMap<Value, Home>;
  readonly scratchBytes: number;
  /** Where in the workspace a kernel has memory of its own, that of several threads one after another. */
  readonly own: ReadonlyMap<Value, number>;
  readonly constants: readonly ConstantValue[];
  readonly constantBytes: number;
  /** May output j lie exactly where input i does, or overlap it otherwise, and be written directly? */
  readonly sharing: readonly (readonly { readonly same: boolean; readonly overlap: boolean }[])[];
}

const bytesOf = (value: Value): number => sizeOf(value.shape) * bytesPerElement[value.dtype];
const alignment = 64;
const roundUp = (bytes: number): number => Math.max(alignment, Math.ceil(bytes / alignment) * alignment);

const readsOf = (kernel: Kernel): Value[] =>
  kernel.kind === 'loop'
    ? [...kernel.loads.map((load) => load.value), ...[kernel.segments, kernel.tasks].filter((table) => table !== null)]
    : writesOf(kernel).flatMap((value) => operandsOf(value).map((view) => view.value));

function writesOf(kernel: Kernel): readonly Value[] {
  if (kernel.kind === 'loop') return [...kernel.stores, ...kernel.results].map((store) => store.access.value);
  return kernel.kind === 'decompositions' ? kernel.values : [kernel.value];
}

/** Homes for every value in memory; those of the workspace share it as their lifetimes allow. */
export function place(
  kernels: readonly Kernel[],
  inputs: readonly Value[],
  outputs: readonly Value[],
  threads: number,
): Placement {
  const homes = new Map<Value, Home>();
  inputs.forEach((value, index) => {
    homes.set(value, { space: 'input', index });
  });
  outputs.forEach((value, index) => {
    homes.set(value, { space: 'output', index });
  });

  const constants: ConstantValue[] = [];
  let constantBytes = 0;
  const lastUse = new Map<Value, number>();
  kernels.forEach((kernel, at) => {
    for (const value of [...readsOf(kernel), ...writesOf(kernel)]) lastUse.set(value, at);
    for (const value of readsOf(kernel)) {
      if (value.kind !== 'constant' || homes.has(value) || (kernel.kind === 'loop' && isImmediate(value))) continue;
      homes.set(value, { space: 'constant', offset: constantBytes });
      constants.push(value);
      constantBytes += roundUp(bytesOf(value));
    }
  });

  const space = new Space();
  const own = new Map<Value, number>();
  kernels.forEach((kernel, at) => {
    for (const value of writesOf(kernel)) {
      if (!homes.has(value)) homes.set(value, { space: 'scratch', offset: space.take(roundUp(bytesOf(value))) });
    }
    if (hasWorkspace(kernel)) {
      const bytes = ownBytes(kernel) * (kernel.split ? threads : 1);
      const offset = space.take(bytes);
      own.set(kernel.value, offset);
      space.give(offset, bytes);
    }
    for (const value of new Set([...readsOf(kernel), ...writesOf(kernel)])) {
      const home = homes.get(value);
      if (home?.space === 'scratch' && lastUse.get(value) === at) space.give(home.offset, roundUp(bytesOf(value)));
    }
  });

  const sharing = outputs.map((output) => inputs.map((input) => mayShare(kernels, input, output)));
  return { homes, scratchBytes: space.bytes, own, constants, constantBytes, sharing };
}

/** An output may be written over an input that nobody reads any more, or that this very iteration has read at this very place. */
function mayShare(kernels: readonly Kernel[], input: Value, output: Value): { same: boolean; overlap: boolean } {
  const firstWrite = kernels.findIndex((kernel) => writesOf(kernel).includes(output));
  const lastRead = kernels.findLastIndex((kernel) => readsOf(kernel).includes(input));
  if (lastRead < firstWrite || firstWrite < 0) return { same: true, overlap: true };
  const kernel = kernels[firstWrite];
  const same =
    lastRead === firstWrite &&
    kernel.kind === 'loop' &&
    bytesPerElement[input.dtype] === bytesPerElement[output.dtype] &&
    inStep(kernel, input, output);
  return { same, overlap: false };
}

function inStep({ loads, stores, results }: LoopKernel, input: Value, output: Value): boolean {
  const places = (accesses: readonly Access[], value: Value): string[] =>
    accesses
      .filter((access) => access.value === value)
      .map(({ offset, strides, segmentStride }) => `${offset}:${strides}:${segmentStride}`);
  const [store] = places(
    stores.map(({ access }) => access),
    output,
  );
  const folded = results.some(({ access }) => access.value === output);
  const writes = stores.filter(({ access }) => access.value === output).length;
  return !folded && writes === 1 && places(loads, input).every((load) => load === store);
}
