import { bytesPerElement } from '../../tensor/dtype.ts';
import type { Access, LoopKernel } from './loop.ts';
import { vectorMath } from './scalar.ts';

/** One loop of a nest. `strides` are in elements, one for each access of the kernel: loads, then stores, then results. */
export interface Loop {
  readonly n: number;
  readonly fold: boolean;
  readonly strides: readonly number[];
  /** A loop over segments; the next one runs over the elements of each. */
  readonly segments: boolean;
}

/** The loops of a kernel, outermost first. */
export interface Nest {
  readonly loops: readonly Loop[];
  /** The loop that takes four elements at a time, or -1. */
  readonly vector: number;
  /** Times four elements a pass of the vector loop takes. */
  readonly unroll: number;
  /** The outermost loop that folds run over: accumulators begin before it. */
  readonly foldFrom: number;
}

export const accessesOf = ({ loads, stores, results }: LoopKernel): Access[] => [
  ...loads,
  ...[...stores, ...results].map((store) => store.access),
];

export function arrange(kernel: LoopKernel): Nest {
  const accesses = accessesOf(kernel);
  const run = kernel.segments ? kernel.dims.length - 1 : -1;
  const all = kernel.dims.map(
    (n, d): Loop => ({ n, fold: kernel.folds[d], strides: accesses.map((a) => a.strides[d]), segments: false }),
  );
  const outer = all.filter((loop, d) => d !== run && loop.n !== 1);
  const kept = collapse(outer.filter((loop) => !loop.fold));
  const folded = collapse(outer.filter((loop) => loop.fold));

  if (kernel.segments) {
    const segments: Loop = {
      n: kernel.segments.values.length,
      fold: all[run].fold,
      strides: accesses.map((a) => a.segmentStride),
      segments: true,
    };
    const loops = [...kept, ...folded, segments, all[run]];
    const suits = odd(kernel, all[run]) >= 0;
    return { loops, vector: suits ? loops.length - 1 : -1, unroll: unrollOf(kernel, 64), foldFrom: kept.length };
  }

  const natural = [...kept, ...folded];
  const choices = [kept.at(-1), folded.at(-1)]
    .filter((loop) => loop !== undefined && loop.n >= 4 && odd(kernel, loop) >= 0)
    .map((loop) => ({ loop: loop as Loop, odd: odd(kernel, loop as Loop) }))
    .filter(({ odd }) => odd * 2 <= accesses.length)
    .sort(
      (a, b) =>
        a.odd - b.odd || Number(b.loop.n >= 8) - Number(a.loop.n >= 8) || Number(b.loop.fold) - Number(a.loop.fold),
    );
  const chosen = choices[0]?.loop;
  const foldFrom = folded.length > 0 ? kept.length : natural.length + 1;
  return {
    loops: natural,
    vector: chosen ? natural.indexOf(chosen) : -1,
    unroll: chosen ? unrollOf(kernel, chosen.n) : 1,
    foldFrom,
  };
}

/**
 * How many accesses of a loop need a load for each of its four lanes; -1 when it cannot take four at a time, because it would have to
 * scatter results.
 */
function odd(kernel: LoopKernel, { strides, fold }: Loop): number {
  const { loads, stores } = kernel;
  const writes = strides.slice(loads.length);
  const legal = writes.every((stride, i) => (i < stores.length || !(fold || kernel.segments) ? stride === 1 : true));
  if (!legal) return -1;
  return loads.filter(
    ({ value }, i) => value.kind !== 'iota' && strides[i] !== 0 && strides[i] !== 1 && bytesPerElement[value.dtype] > 0,
  ).length;
}

/** Small bodies hide latency by unrolling; large ones run out of registers. */
function unrollOf({ steps, loads }: LoopKernel, n: number): number {
  const functions = steps.filter(({ value }) => value.dtype === 'float32' && vectorMath.includes(value.op)).length;
  const weight = steps.length + loads.length + 8 * functions;
  const most = weight <= 24 ? 4 : weight <= 48 ? 2 : 1;
  return Math.max(1, Math.min(most, Math.floor(n / 16)));
}

/** Joins neighbouring loops that every access walks as one. */
function collapse(loops: readonly Loop[]): Loop[] {
  const joined: Loop[] = [];
  for (const loop of loops) {
    const last = joined.at(-1);
    if (last?.strides.every((stride, i) => stride === loop.strides[i] * loop.n)) {
      joined[joined.length - 1] = { ...loop, n: last.n * loop.n };
    } else joined.push(loop);
  }
  return joined;
}
