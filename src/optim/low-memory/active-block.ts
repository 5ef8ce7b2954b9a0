import { Bundle, type Layout, type Leaf, merge, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type AdamwRates, adamwStep } from '../adaptive/adamw.ts';
import type { StepContext } from '../optimizer.ts';

export type Order = 'descending' | 'ascending' | 'random';
export const orders = ['descending', 'ascending', 'random'] as const satisfies readonly Order[];

/** Sweeps that a random order draws before it repeats: turns are static, so their sequence has an end. */
const sweeps = 8;

/** The sequence of n items: one sweep, or several in random orders (Fisher-Yates over a fixed multiplicative generator). */
export function sequenceOf(n: number, order: Order): number[] {
  const ascending = Array.from({ length: n }, (_, i) => i);
  if (order === 'ascending') return ascending;
  if (order === 'descending') return ascending.reverse();
  let seed = 1;
  return Array.from({ length: sweeps }, () => {
    const sweep = [...ascending];
    for (let i = n - 1; i > 0; i--) {
      seed = (seed * 48271) % 2147483647;
      const j = seed % (i + 1);
      [sweep[i], sweep[j]] = [sweep[j], sweep[i]];
    }
    return sweep;
  }).flat();
}

/** Whose turn it is when turns of `period` steps follow a sequence; static, as `every` is. */
export const turnOf = <T>(sequence: readonly T[], period: number, every: StepContext['every']): T =>
  sequence[sequence.findIndex((_, i) => every(period * sequence.length, i * period, period))];

/** The number of this step within its turn, from 1. */
export const stepOfTurn = (t: Tensor, period: number): Tensor => {
  const before = t.sub(1);
  return before.sub(before.div(period).floor().mul(period)).add(1);
};

/** Adam's moments of the tensors whose turn it is, in buffers that hold the largest such set. */
export type ActiveMoments = { readonly m: Tensor; readonly v: Tensor };
type Takes = (leaf: Leaf) => boolean;

export function initActive(w: Bundle, sets: readonly Takes[]): ActiveMoments {
  const size = ({ leaves }: Layout, takes: Takes) => leaves.filter(takes).reduce((sum, leaf) => sum + leaf.size, 0);
  const largest = Math.max(0, ...sets.map((takes) => size(w.layout, takes)));
  return { m: zeros([largest], w.flat.dtype), v: zeros([largest], w.flat.dtype) };
}

/** A step of AdamW on the active tensors; the others come back as `rest` makes them. */
export function stepActive(
  w: Bundle,
  g: Bundle,
  old: ActiveMoments,
  takes: Takes,
  { begins, k, rest, ...rates }: AdamwRates & { begins: boolean; k: Tensor; rest: (w: Bundle, g: Bundle) => Bundle },
): { w: Bundle; state: ActiveMoments } {
  const part = w.select(takes);
  const { size } = part.layout;
  const before = (flat: Tensor) =>
    begins ? zerosLike(part) : Bundle.fromFlat(part.layout, flat.sliceAxis(0, 0, size));
  const after = ({ flat }: Bundle) => (flat.size < old.m.size ? flat.pad([0], [old.m.size - size]) : flat);
  const next = adamwStep(part, { m: before(old.m), v: before(old.v) }, g.select(takes), k, rates);
  const others: Takes = (leaf) => !takes(leaf);
  const left = w.layout.leaves.some(others) ? [rest(w.select(others), g.select(others))] : [];
  return {
    w: merge(w.layout, next.w, ...left),
    state: { m: after(next.state.m), v: after(next.state.v) },
  };
}
